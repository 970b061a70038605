package dev.slipway.frontend.dockerfile.instruction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.dockerfile.lint.LintWarning;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.parser.DockerfileParser;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageReaderTest {

  private static DockerfileStages read(String text) {
    return StageReader.read(DockerfileParser.parse(text), Linter.silent());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "RUNN x; unknown instruction: RUNN (did you mean RUN?)",
        "copyy a b; unknown instruction: copyy (did you mean copy?)",
        "NOTHING LIKE IT; unknown instruction: NOTHING",
        "COPY --frm=a b c; unknown flag: --frm (did you mean from?)",
        "COPY --from b c; missing a value on flag: --from",
        "COPY --link=maybe b c; expecting boolean value for flag --link, not: maybe",
        "COPY --link= b c; missing a value on flag: --link",
        "COPY --from=a --from=b c d; duplicate flag specified: --from",
        "COPY a; COPY requires at least two arguments, but only one was provided. Destination could"
            + " not be determined",
        "COPY a <<E\\nE; COPY cannot accept a heredoc as a destination",
        "ENV --x A=b; unknown flag: --x",
        "ENV =b; ENV names can not be blank",
        "ARG; ARG requires at least one argument",
        "ARG =b; ARG names can not be blank",
        "EXPOSE; EXPOSE requires at least one argument",
        "USER; USER requires exactly one argument",
        "SHELL []; SHELL requires at least one argument",
        "SHELL sh -c; SHELL requires the arguments to be in JSON form",
        "VOLUME [\"\"]; VOLUME specified can not be an empty string",
        "RUN --network=x y; invalid network mode \"x\"",
        "RUN --security=x y; security \"x\" is not valid",
        "RUN --mount=type=bind,from=$A x; 'from' doesn't support variable expansion, define alias"
            + " stage instead",
        "RUN --mount=\\\"a x; failed to parse csv mounts: parse error on line 1, column 3:"
            + " extraneous or missing \" in quoted-field",
        "ONBUILD; ONBUILD requires at least one argument",
        "ONBUILD FROM x; FROM isn't allowed as an ONBUILD trigger",
        "HEALTHCHECK; HEALTHCHECK requires at least one argument",
        "HEALTHCHECK NONE x; HEALTHCHECK NONE takes no arguments",
        "HEALTHCHECK CMD; Missing command after HEALTHCHECK CMD",
        "HEALTHCHECK --interval=1us CMD x; Interval \"interval\" cannot be less than 1ms",
        "HEALTHCHECK --retries=-1 CMD x; --retries cannot be negative (-1)",
        "HEALTHCHECK --timeot=1s CMD x; unknown flag: --timeot (did you mean timeout?)",
        "FROM a AS 9b; `invalid name for build stage: \"9b\", name can't start with a number or"
            + " contain symbols`",
        "FROM a b; FROM requires either one or three arguments",
        "FROM --plattform=x a; unknown flag: --plattform (did you mean platform?)",
      })
  void saysWhatIsWrongAndWhatWasMeant(String instruction, String problem) {
    assertThatThrownBy(() -> read("FROM x\n" + instruction.replace("\\n", "\n")))
        .isInstanceOfSatisfying(
            DockerfileError.class,
            error -> {
              assertThat(error.message()).isEqualTo("dockerfile parse error on line 2: " + problem);
              assertThat(error.places()).hasSize(1);
              assertThat(error.places().getFirst().first()).isEqualTo(2);
            });
  }

  @Test
  void gathersInstructionsByStageAndGlobalsBeforeAll() {
    DockerfileStages file = read("ARG V=1\nFROM a:$V AS One\nRUN x\nFROM one\nCMD y\n");

    assertThat(file.globals()).hasSize(1);
    assertThat(file.stages()).extracting(Stage::name).containsExactly("one", "");
    assertThat(file.stages().getFirst().base()).isEqualTo("a:$V");
    assertThat(file.stages().getLast().instructions()).hasSize(1);
  }

  @Test
  void refusesInstructionsBeforeTheFirstStage() {
    assertThatThrownBy(() -> read("RUN x\nFROM a"))
        .isInstanceOfSatisfying(
            DockerfileError.class,
            error -> assertThat(error.places()).containsExactly(LineSpan.line(1)))
        .hasMessage("no build stage in current context");
  }

  @Test
  void readsEveryPartOfAHealthCheck() {
    Instruction.Healthcheck check =
        (Instruction.Healthcheck)
            only(
                "HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=2h --retries=4 CMD"
                    + " [\"a\", \"b\"]");

    assertThat(check.test()).containsExactly("CMD", "a", "b");
    assertThat(check.interval()).isEqualTo(Duration.ofSeconds(90));
    assertThat(check.timeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(check.startPeriod()).isEqualTo(Duration.ofHours(2));
    assertThat(check.retries()).isEqualTo(4);
  }

  private static Instruction only(String text) {
    return read("FROM x\n" + text).stages().getFirst().instructions().getFirst();
  }

  @Test
  void putsHeredocsBackIntoTriggers() {
    Instruction.Onbuild onbuild = (Instruction.Onbuild) only("onbuild  COPY <<E /x\n\ta\nE\n");

    assertThat(onbuild.trigger()).isEqualTo("COPY <<E /x\n\ta\nE");
  }

  @Test
  void readsDevicesInBothForms() {
    Instruction.Run run = (Instruction.Run) only("RUN --device=v/c=0 --device=name=w,required x");

    assertThat(run.devices())
        .containsExactly(new Instruction.Device("v/c=0", false), new Instruction.Device("w", true));
  }

  @Test
  void takesDescriptionsFromComments() {
    DockerfileStages file = read("# VERSION of it\nARG VERSION\n# base is small\nFROM x AS base\n");

    assertThat(file.globals().getFirst().arguments().getFirst().description()).isEqualTo("of it");
    assertThat(file.stages().getFirst().description()).isEqualTo("is small");
  }

  @Test
  void advisesOnNamesAndKeywords() {
    List<LintWarning> warnings = new ArrayList<>();

    StageReader.read(
        DockerfileParser.parse(
            "FROM x as Base\n# check=skip=FromAsCasing\nFROM x as b\nMAINTAINER m"),
        new Linter(LintOptions.DEFAULT, warnings::add));

    assertThat(warnings)
        .extracting(LintWarning::summary)
        .containsExactly(
            "StageNameCasing: Stage name 'Base' should be lowercase (line 1)",
            "FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)",
            "MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label"
                + " (line 4)");
  }
}
