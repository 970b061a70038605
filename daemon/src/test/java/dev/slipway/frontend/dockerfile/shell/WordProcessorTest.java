package dev.slipway.frontend.dockerfile.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.frontend.dockerfile.shell.WordProcessor.Keep;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordProcessorTest {
  private static final WordProcessor WORDS = new WordProcessor('\\');
  private static final Variables VARIABLES =
      Variables.parse(
          List.of("NAME=value", "EMPTY=", "PATH=/usr/lib/a.tar.gz", "TWO=a  b", "STAR=x*y*z"));

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "plain; plain",
        "$NAME-x; value-x",
        "${NAME}x; valuex",
        "$NAMEx; ``",
        "\\$NAME; $NAME",
        "'$NAME'; $NAME",
        "\"$NAME\"; value",
        "\"\\$NAME\"; $NAME",
        "a\\ b; a b",
        "$; $",
        "$.; $.",
        "$1x; x",
        "${EMPTY:-w}; w",
        "${EMPTY-w}; ``",
        "${NONE-w}; w",
        "${NONE:-$NAME}; value",
        "${NONE:-${EMPTY:-deep}}; deep",
        "${NAME:+w}; w",
        "${EMPTY:+w}; ``",
        "${EMPTY+w}; w",
        "${NONE+w}; ``",
        "${NAME?no}; value",
        "${PATH#*/}; usr/lib/a.tar.gz",
        "${PATH##*/}; a.tar.gz",
        "${PATH%.*}; /usr/lib/a.tar",
        "${PATH%%.*}; /usr/lib/a",
        "${PATH#/???/}; lib/a.tar.gz",
        "${PATH#nothing}; /usr/lib/a.tar.gz",
        "${STAR#x\\*}; y*z",
        "${PATH/\\//:}; :usr/lib/a.tar.gz",
        "${PATH//\\//:}; :usr:lib:a.tar.gz",
        "${PATH/*lib/L}; L/a.tar.gz",
        "${PATH//nothing/x}; /usr/lib/a.tar.gz",
        "${STAR//\\*/}; xyz",
        "${STAR//\\*/\\}}; x\\}y\\}z",
      })
  void substitutes(String text, String expected) {
    assertThat(WORDS.expand(text, VARIABLES).text()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "${NAME; syntax error: missing '}'",
        "${; syntax error: missing '}'",
        "${}; syntax error: bad substitution",
        "${:x}; syntax error: bad substitution",
        "${NAME:x}; unsupported modifier (:x) in substitution",
        "${NAME=x}; unsupported modifier (=) in substitution",
        "${NAME:#x}; unsupported modifier (:#) in substitution",
        "${NONE?}; NONE: is not allowed to be unset",
        "${NONE:?say why}; NONE: say why",
        "${EMPTY:?}; EMPTY: is not allowed to be empty",
        "'open; unexpected end of statement while looking for matching single-quote",
        "\"open; unexpected end of statement while looking for matching double-quote",
        "${NAME/x}; syntax error: missing '/' in ${}",
        "${NAME#\\x}; invalid pattern (\\x) in substitution: invalid escape '\\x'",
      })
  void saysWhatIsWrong(String text, String problem) {
    assertThatThrownBy(() -> WORDS.expand(text, VARIABLES))
        .isInstanceOf(DockerfileError.class)
        .hasMessage("failed to process " + GoText.quote(text) + ": " + problem);
  }

  @Test
  void cutsIntoWordsAfterSubstitutionButNotInsideQuotes() {
    assertThat(WORDS.expand("x $TWO \"$TWO\" c\\ d", VARIABLES).words())
        .containsExactly("x", "a", "b", "a  b", "c d");
  }

  @Test
  void keepsLettersBeforeADefaultInTheSameWord() {
    assertThat(WORDS.expand("80${NONE:-81}", VARIABLES).words()).containsExactly("8081");
  }

  @Test
  void tellsWhichVariablesWereThereAndWhichNot() {
    Expansion expansion = WORDS.expand("$NAME ${NONE:-x} ${OTHER}", VARIABLES);

    assertThat(expansion.matched()).containsExactly("NAME");
    assertThat(expansion.unmatched()).containsExactly("NONE", "OTHER");
  }

  @Test
  void keepsWhatItIsToldToKeep() {
    WordProcessor names = WORDS.keeping(Keep.QUOTES, Keep.UNSET_VARIABLES);

    assertThat(names.expand("echo '$A' \"$NAME\" $NONE ${NONE:-d}", VARIABLES).text())
        .isEqualTo("echo '$A' \"value\" $NONE ${NONE:-d}");
  }

  @Test
  void usesABacktickAsEscapeWhereItIsOne() {
    assertThat(new WordProcessor('`').expand("C:\\dir`$NAME", VARIABLES).text())
        .isEqualTo("C:\\dir$NAME");
  }

  @Test
  void refusesTextThatGrowsBeyondAllBounds() {
    Variables doubled = Variables.none().with("A", "x".repeat(1 << 20));

    assertThatThrownBy(() -> WORDS.expand("$A$A$A$A$A", doubled))
        .isInstanceOf(DockerfileError.class)
        .hasMessageContaining("longer than");
  }

  @Test
  void refusesEndlessNesting() {
    assertThatThrownBy(() -> WORDS.expand("${N:-".repeat(100_000), VARIABLES))
        .isInstanceOf(DockerfileError.class)
        .hasMessageContaining("nested");
  }

  @Test
  void matchesHostilePatternsInBoundedTime() {
    Variables hostile = Variables.none().with("A", "a".repeat(2_000));

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> WORDS.expand("${A##" + "*a".repeat(100) + "b}", hostile));
  }

  @Test
  void movesAVariableThatIsSetAgainToTheEnd() {
    assertThat(Variables.none().with("A", "1").with("B", "2").with("A", "3").entries())
        .containsExactly("B=2", "A=3");
  }
}
