package dev.slipway.frontend.dockerfile.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.frontend.dockerfile.parser.Arguments.Json;
import dev.slipway.frontend.dockerfile.parser.Arguments.Pair;
import dev.slipway.frontend.dockerfile.parser.Arguments.Pairs;
import dev.slipway.frontend.dockerfile.parser.Arguments.Text;
import dev.slipway.frontend.dockerfile.parser.Arguments.Trigger;
import dev.slipway.frontend.dockerfile.parser.Arguments.Words;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileParserTest {

  private static Statement only(String text) {
    List<Statement> statements = DockerfileParser.parse(text).statements();
    assertThat(statements).hasSize(1);
    return statements.getFirst();
  }

  @Test
  void joinsContinuedLinesAndDropsCommentsBetweenThem() {
    Statement run = only("RUN a \\\n  # not this\n\n  b \\ \n c\n");

    assertThat(run.arguments()).isEqualTo(new Text("a   b  c"));
    assertThat(run.place()).isEqualTo(new LineSpan(1, 5));
  }

  @Test
  void reportsEmptyLinesBetweenContinuedOnes() {
    assertThat(DockerfileParser.parse("RUN a \\\n\n b\n").emptyContinuations())
        .containsExactly(LineSpan.line(3));
  }

  @Test
  void takesTwoEscapesAtALineEndAsText() {
    assertThat(DockerfileParser.parse("RUN a \\\\\nRUN b").statements()).hasSize(2);
  }

  @Test
  void letsADirectiveChangeTheEscape() {
    ParsedDockerfile file =
        DockerfileParser.parse("# escape=`\nFROM a\nRUN x `\n y\nCOPY a C:\\\n");

    assertThat(file.escape()).isEqualTo('`');
    assertThat(file.statements()).hasSize(3);
    assertThat(file.statements().getLast().arguments()).isEqualTo(new Words(List.of("a", "C:\\")));
  }

  @Test
  void ignoresDirectivesAfterTheFirstOtherLine() {
    assertThat(DockerfileParser.parse("# a comment\n# escape=`\nFROM a\n").escape())
        .isEqualTo('\\');
  }

  @Test
  void refusesADirectiveGivenTwice() {
    assertThatThrownBy(() -> DockerfileParser.parse("# escape=`\n# ESCAPE=`\nFROM a"))
        .isInstanceOfSatisfying(
            DockerfileError.class,
            error -> {
              assertThat(error).hasMessage("only one escape parser directive can be used");
              assertThat(error.places()).containsExactly(LineSpan.line(1));
            });
  }

  @Test
  void skipsAByteOrderMark() {
    assertThat(only("\ufeffFROM a").keyword()).isEqualTo("FROM");
  }

  @Test
  void readsJsonFormsAndTakesWhatIsNoJsonAsText() {
    assertThat(only("CMD [ \"a\", \"b\\u00e9\\n\" ]").arguments())
        .isEqualTo(new Json(List.of("a", "bé\n")));
    assertThat(only("CMD [ -f x ] && y").arguments()).isEqualTo(new Text("[ -f x ] && y"));
    assertThat(only("CMD ['a']").arguments()).isEqualTo(new Text("['a']"));
    assertThat(only("COPY [\"a b\", \"c\"]").arguments()).isEqualTo(new Json(List.of("a b", "c")));
  }

  @Test
  void refusesJsonOfOtherThings() {
    assertThatThrownBy(() -> DockerfileParser.parse("CMD [\"a\", 1]"))
        .hasMessage("when using JSON array syntax, arrays must be comprised of strings only");
  }

  @Test
  void readsPairsInBothForms() {
    assertThat(only("ENV A=1 B=\"x y\" C='$z' D=a\\ b").arguments())
        .isEqualTo(
            new Pairs(
                List.of(
                    new Pair("A", "1", false),
                    new Pair("B", "\"x y\"", false),
                    new Pair("C", "'$z'", false),
                    new Pair("D", "a\\ b", false))));
    assertThat(only("LABEL key some  text").arguments())
        .isEqualTo(new Pairs(List.of(new Pair("key", "some  text", true))));
  }

  @Test
  void readsFlagsBeforeArgumentsOnly() {
    Statement copy = only("COPY --from=a --chown=\"b c\" -- --x y");

    assertThat(copy.flags()).containsExactly("--from=a", "--chown=b c");
    assertThat(copy.arguments()).isEqualTo(new Words(List.of("--x", "y")));
  }

  @Test
  void readsSeveralHeredocsOfALine() {
    Statement copy = only("COPY <<A <<-\"B\" /d/\none\nA\n\ttwo\n\tB\n");

    assertThat(copy.heredocs())
        .containsExactly(
            new Heredoc("A", true, false, "one\n"), new Heredoc("B", false, true, "\ttwo\n"));
    assertThat(copy.heredocs().getLast().text()).isEqualTo("two\n");
    assertThat(copy.place()).isEqualTo(new LineSpan(1, 5));
  }

  @Test
  void findsHeredocsInTriggersButNotInOtherInstructions() {
    Statement onbuild = only("ONBUILD RUN <<E\nx\nE\n");

    assertThat(onbuild.heredocs()).hasSize(1);
    assertThat(onbuild.arguments()).isInstanceOf(Trigger.class);
    assertThat(DockerfileParser.parse("CMD cat <<E\nRUN x\n").statements()).hasSize(2);
  }

  @Test
  void takesShiftsAsTextNotAsHeredocs() {
    assertThat(only("RUN echo $((1 <<2))\n2))\n").heredocs()).hasSize(1);
    assertThat(only("RUN [\"a\", \"<<E\"]\n").heredocs()).isEmpty();
  }

  @Test
  void keepsTheCommentBlockRightAboveAStatement() {
    List<Statement> statements =
        DockerfileParser.parse("# far\n#\n# near\n# nearer\nFROM a\n\n# b\nRUN x").statements();

    assertThat(statements.getFirst().comments()).containsExactly("near", "nearer");
    assertThat(statements.getLast().comments()).containsExactly("b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# only\n", "# syntax=a\n"})
  void refusesFilesWithoutInstructions(String text) {
    assertThatThrownBy(() -> DockerfileParser.parse(text)).hasMessage("file with no instructions");
  }

  @Test
  void refusesLinesBeyondTheLimitOfTheReference() {
    assertThatThrownBy(() -> DockerfileParser.parse("RUN " + "x".repeat(70_000)))
        .hasMessage("dockerfile line greater than max allowed size of 65535");
  }

  @Test
  void refusesFilesBeyondTheLimit() {
    assertThatThrownBy(() -> DockerfileParser.parse("#\n".repeat(DockerfileParser.LONGEST_FILE)))
        .hasMessageContaining("longer than");
  }

  @Test
  void refusesTriggersWithinTriggersWithoutEnd() {
    assertThatThrownBy(() -> DockerfileParser.parse("ONBUILD ".repeat(5_000) + "RUN x"))
        .isInstanceOf(DockerfileError.class);
  }
}
