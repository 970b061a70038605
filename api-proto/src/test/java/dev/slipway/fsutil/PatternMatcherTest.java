package dev.slipway.fsutil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.slipway.failure.InvalidRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PatternMatcherTest {
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          **,             file,            true
          **,             dir/file,        true
          **/,            dir/file,        true
          **/**,          dir/file,        true
          dir/**,         dir/file,        true
          dir/**,         dir/dir2/file,   true
          dir/**,         dir,             false
          dir/**/,        dir/dir2/file/,  true
          **/dir,         dir/file,        true
          **/dir2/*,      dir/dir2/file,   true
          **/dir2/*,      dir/dir2/dir2/file, true
          **file,         dir/file,        true
          **file,         dir/dir/file,    true
          **/file,        dir/file,        true
          **/file,        dir/dir/file,    true
          **/file*,       dir/dir/file,    true
          **/file*,       dir/dir/file.txt, true
          **/file*txt,    dir/dir/file.txt, true
          **/file*.txt,   dir/dir/file.txt, true
          **/file*.txt*,  dir/dir/file.txt, true
          **/**/*.txt,    dir/dir/file.txt, true
          **/**/*.txt2,   dir/dir/file.txt, false
          **/*.txt,       file.txt,        true
          **/**/*.txt,    file.txt,        true
          a**/*.txt,      a/file.txt,      true
          a**/*.txt,      a/dir/file.txt,  true
          a**/*.txt,      a/dir/dir/file.txt, true
          a/*.txt,        a/dir/file.txt,  false
          a/*.txt,        a/file.txt,      true
          a/*.txt**,      a/file.txt,      true
          a[b-d]e,        ae,              false
          a[b-d]e,        ace,             true
          a[b-d]e,        aae,             false
          a[^b-d]e,       aze,             true
          a[^b-d]e,       ace,             false
          .*,             .foo,            true
          .*,             foo,             false
          abc.def,        abcdef,          false
          abc.def,        abc.def,         true
          abc.def,        abcZdef,         false
          abc?def,        abcZdef,         true
          abc?def,        abcdef,          false
          a\\*b,          a*b,             true
          a\\*b,          aXb,             false
          **/foo/bar,     foo/bar,         true
          **/foo/bar,     dir/foo/bar,     true
          **/foo/bar,     dir/dir2/foo/bar, true
          abc/**,         abc,             false
          abc/**,         abc/def,         true
          abc/**,         abc/def/ghi,     true
          **/.foo,        .foo,            true
          **/.foo,        bar.foo,         false
          a(b)c/def,      a(b)c/def,       true
          a(b)c/def,      a(b)c/xyz,       false
          a.|)$(}+{bc,    a.|)$(}+{bc,     true
          dist/*.whl,     dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl, true
          '日本/*',        日本/語,          true
          '?',            語,               true
          foo,            foo/bar/baz,     true
          foo/bar,        foo/baz,         false
          ./foo/,         foo,             true
          """)
  void matchesAsDockerignoreDoes(String pattern, String path, boolean matches) {
    PatternMatcher matcher = PatternMatcher.of(List.of(pattern));

    assertThat(matcher.matches(TreePaths.clean(path))).isEqualTo(matches);
    assertThat(matchByParents(matcher, TreePaths.clean(path))).isEqualTo(matches);
  }

  @Test
  void theLastPatternThatSaysSomethingDecides() {
    PatternMatcher matcher =
        PatternMatcher.of(List.of("*", "!docs", "docs/secret", "!docs/secret/ok", " ", ""));

    assertThat(matcher.matches("src")).isTrue();
    assertThat(matcher.matches("docs")).isFalse();
    assertThat(matcher.matches("docs/a/b")).isFalse();
    assertThat(matcher.matches("docs/secret/key")).isTrue();
    assertThat(matcher.matches("docs/secret/ok")).isFalse();
    assertThat(matchByParents(matcher, "docs/secret/ok/deep")).isFalse();
    assertThat(matcher.hasExceptions()).isTrue();
  }

  @Test
  void tellsWhichDirectoriesNeedNotBeLookedInto() {
    PatternMatcher include = PatternMatcher.of(List.of("src/main/**", "README"));
    assertThat(include.mayMatchWithin("src")).isTrue();
    assertThat(include.mayMatchWithin("source")).isFalse();
    assertThat(PatternMatcher.of(List.of("*.go")).mayMatchWithin("any")).isTrue();

    PatternMatcher exclude = PatternMatcher.of(List.of("vendor", "!vendor/keep"));
    assertThat(exclude.mayExceptWithin("vendor")).isTrue();
    assertThat(exclude.mayExceptWithin("other")).isFalse();
    assertThat(PatternMatcher.of(List.of("vendor")).mayExceptWithin("vendor")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "[^", "[^]", "a[b-", "a[b-]c[", "[-]\\", "!", "a\\"})
  void refusesMalformedPatterns(String pattern) {
    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> PatternMatcher.of(List.of(pattern)));
  }

  @Test
  void aHostilePatternTakesNoLongerThanAnother() {
    PatternMatcher matcher = PatternMatcher.of(List.of("**/a*".repeat(30) + "b"));
    String path = "a/".repeat(1_000) + "a";

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertThat(matcher.matches(path)).isFalse());
  }

  @Test
  void readsIgnoreFiles() {
    assertThat(
            IgnoreFile.parse(
                "\ufeff# comment\n\n  /abs/path  \n! /not/this\nfoo/../bar/\n #not-a-comment\n!\n/\n"))
        .containsExactly("abs/path", "!not/this", "bar", "#not-a-comment", "!", "/");
  }

  private static boolean matchByParents(PatternMatcher matcher, String path) {
    String[] parts = path.split("/");
    PatternMatcher.State state = matcher.match(parts[0]);
    String current = parts[0];
    for (int i = 1; i < parts.length; i++) {
      current += "/" + parts[i];
      state = matcher.match(current, state);
    }
    return state.matches();
  }
}
