package dev.slipway.frontend.dockerfile.ignore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever stands in an ignore file, it is read or refused, soon.
class IgnoreFuzzTest {
  private static final String[] PIECES = {
    "*",
    "**",
    "?",
    "/",
    "//",
    "!",
    "[",
    "]",
    "^",
    "-",
    "\\",
    "a",
    "b",
    ".",
    "..",
    "#",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\ufeff",
    "\u0000",
    "\ud83d\ude00",
    "\ud83d",
    "(",
    ")",
    "+",
    "{",
    "}",
    "$",
    "|"
  };

  private static final List<String> PATHS =
      List.of("a", "b", "a/b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "a/b/a/b/a/b/a/b/c");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void readsOrRefusesAnything(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int pieces = random.nextInt(30); pieces >= 0; pieces--) {
        text.append(PIECES[random.nextInt(PIECES.length)]);
      }
      assertTimeoutPreemptively(
          Duration.ofSeconds(60), () -> check(text.toString()), () -> "seed " + seed + ": " + text);
    }
  }

  private static void check(String text) {
    List<String> patterns = IgnoreFile.parse(text);
    assertThat(patterns).allMatch(pattern -> !pattern.isBlank());
    try {
      IgnoreMatcher matcher = IgnoreMatcher.of(patterns);
      PATHS.forEach(matcher::ignores);
    } catch (DockerfileError e) {
      assertThat(e.message()).isNotEmpty();
    }
  }
}
