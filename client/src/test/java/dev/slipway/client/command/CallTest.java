package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact.AtSource;
import dev.slipway.failure.InvalidRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallTest {
  private static final Call CHECK = Call.parse("check").orElseThrow();

  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

  @Test
  void aQuestionHasAFormatAndMayIgnoreTheStatus() {
    assertThat(Call.parse("outline")).contains(new Call("outline", "", false));
    assertThat(Call.parse("check,format=json,ignorestatus=1"))
        .contains(new Call("lint", "json", true));
    assertThat(Call.parse("build")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'outline,targets', 'invalid print value: outline,targets'",
    "'outline,form=json', invalid print field: form=json",
    "'check,ignorestatus=perhaps', invalid ignorestatus print value: perhaps"
  })
  void whatIsNoQuestionIsRefused(String text, String message) {
    assertThatThrownBy(() -> Call.parse(text))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(message);
  }

  @Test
  void theRequestStandsAmongTheOptions() {
    assertThat(new Call("targets", "", false).askedWith(Map.of("target", "a")))
        .containsOnly(
            Map.entry("target", "a"),
            Map.entry("frontend.caps", "moby.buildkit.frontend.subrequests+forward"),
            Map.entry("requestid", "frontend.targets"));
  }

  @Test
  void anAnswerIsShownInTheFormAskedFor() {
    Map<String, byte[]> answer = answer("result.txt", "for people\n", "result.json", "{}");

    assertThat(new Call("outline", "", false).show(answer, Optional.empty(), out())).isZero();
    assertThat(new Call("outline", "json", false).show(answer, Optional.empty(), out())).isZero();

    assertThat(text()).isEqualTo("for people\n{}\n");
  }

  @Test
  void aCheckWithoutFindingsSaysSo() {
    assertThat(CHECK.show(answer("result.json", "{\"warnings\":[]}"), Optional.empty(), out()))
        .isZero();

    assertThat(text()).isEqualTo("Check complete, no warnings found.\n");
  }

  @Test
  void findingsAreCountedAndFailUnlessThatIsIgnored() {
    Map<String, byte[]> one =
        answer(
            "result.json",
            "{\"warnings\":[{}]}",
            "result.txt",
            "\nWARNING\n",
            "result.statuscode",
            "1");

    assertThat(CHECK.show(one, Optional.empty(), out())).isEqualTo(1);
    assertThat(new Call("lint", "", true).show(one, Optional.empty(), out())).isZero();
    assertThat(
            CHECK.show(
                answer("result.json", "{\"warnings\":[{},{}]}", "result.statuscode", "1"),
                Optional.empty(),
                out()))
        .isEqualTo(1);

    assertThat(text())
        .isEqualTo(
            """
            Check complete, 1 warning has been found!

            WARNING
            Check complete, 1 warning has been found!

            WARNING
            Check complete, 2 warnings have been found!
            """);
  }

  @Test
  void findingsAreShownInTheFileAsItsUserNamesIt() {
    Map<String, byte[]> answer =
        answer(
            "result.json",
            "{\"warnings\":[{}],\"sources\":[{\"filename\":\"Other\"}]}",
            "result.txt",
            "\nWARNING\nOther:8\n-----\n   8 | >>> Other:8 x\nOther: 9\n");

    CHECK.show(answer, Optional.of("sub/$1/Other"), out());

    assertThat(text()).endsWith("\nsub/$1/Other:8\n-----\n   8 | >>> Other:8 x\nOther: 9\n");
  }

  @Test
  void whatCouldNotBeBuiltFailsWithItsPlace() {
    Map<String, byte[]> answer =
        answer(
            "result.json",
            """
            {"warnings": null,
             "sources": [{"filename": "Dockerfile", "data": "Rk9PCg=="}],
             "buildError": {"message": "unknown instruction: FOO",
                            "location": {"ranges": [{"start": {"line": 1}, "end": {"line": 1}}]}}}
            """);

    assertThatThrownBy(() -> CHECK.show(answer, Optional.empty(), out()))
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure -> {
              assertThat(failure.text()).isEqualTo("unknown instruction: FOO");
              Optional<AtSource> place = failure.fact(AtSource.class);
              assertThat(place).isPresent();
              assertThat(place.get().data()).asString().isEqualTo("FOO\n");
              assertThat(place.get().ranges().getFirst().startLine()).isEqualTo(1);
            });
  }

  private PrintStream out() {
    return new PrintStream(shown, true, StandardCharsets.UTF_8);
  }

  private String text() {
    return shown.toString(StandardCharsets.UTF_8);
  }

  private static Map<String, byte[]> answer(String... parts) {
    Map<String, byte[]> answer = new LinkedHashMap<>();
    for (int i = 0; i < parts.length; i += 2) {
      answer.put(parts[i], parts[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    return answer;
  }
}
