package dev.slipway.frontend.dockerfile.ignore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IgnoreTest {

  @Test
  void readsPatternsInTheFormClientsTakeThem() {
    assertThat(
            IgnoreFile.parse(
                "\ufeff# comment\n\n  a/  \n/b//c/..\n! /keep/\n #not a comment\n.\r\n!\n"))
        .containsExactly("a", "b", "!keep", "#not a comment", ".", "!");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "a; a; true",
        "a; a/b/c; true",
        "a; b/a; false",
        "*; a; true",
        "*; a/b; true",
        "*.txt; a.txt; true",
        "*.txt; d/a.txt; false",
        "**/*.txt; d/e/a.txt; true",
        "**/*.txt; a.txt; true",
        "a/**; a/b; true",
        "a/**; a; false",
        "a/**/b; a/b; true",
        "a/**/b; a/x/y/b; true",
        "a/**/b; a/xb; false",
        "**; anything/at/all; true",
        "**/node_modules; x/node_modules/y; true",
        "?; a; true",
        "?; ab; false",
        "?; /; false",
        "[a-c]; b; true",
        "[^a-c]; b; false",
        "[^a-c]; d; true",
        "a[b]c; abc; true",
        "a\\*; a*; true",
        "a\\*; ab; false",
        "**foo; barfoo; true",
        "**foo; foo; true",
        "a.b; axb; false",
        "d/*/f; d/e/f; true",
        "d/*/f; d/e/g/f; false",
      })
  void matchesAsClientsDo(String pattern, String path, boolean ignored) {
    assertThat(IgnoreMatcher.of(List.of(pattern)).ignores(path)).isEqualTo(ignored);
  }

  @Test
  void letsTheLastMatchDecide() {
    IgnoreMatcher matcher = IgnoreMatcher.of(List.of("*", "!a", "a/secret"));

    assertThat(matcher.hasExceptions()).isTrue();
    assertThat(matcher.ignores("b")).isTrue();
    assertThat(matcher.ignores("a/x")).isFalse();
    assertThat(matcher.ignores("a/secret")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "[a", "[z-a]", "a\\", "!"})
  void refusesMalformedPatterns(String pattern) {
    assertThatThrownBy(() -> IgnoreMatcher.of(List.of(pattern))).hasMessageContaining("pattern");
  }

  @Test
  void matchesHostilePatternsInBoundedTime() {
    IgnoreMatcher matcher =
        IgnoreMatcher.of(List.of("**/a".repeat(300) + "/b", "*a".repeat(300) + "b"));

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> matcher.ignores("a/".repeat(500) + "a".repeat(500)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "``; .",
        ".; .",
        "/; /",
        "a/../..; ..",
        "/..; /",
        "a//b/./c/; a/b/c",
        "/a/../b; /b",
        "../a; ../a"
      })
  void cleansPaths(String path, String clean) {
    assertThat(SlashPath.clean(path)).isEqualTo(clean);
  }
}
