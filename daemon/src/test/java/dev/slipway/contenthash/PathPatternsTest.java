package dev.slipway.contenthash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.contenthash.PathPatterns.Found;
import dev.slipway.failure.InvalidRequest;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PathPatternsTest {
  @ParameterizedTest
  @CsvSource({
    "**, file, true",
    "**, dir/file, true",
    "**/, file, true",
    "**/file, file, true",
    "**/file, dir/file, true",
    "**/file, dir/xfile, false",
    "**file, xfile, true",
    "**file, dir/xfile, true",
    "**file*, xfile, false",
    "dir/**, dir/file, true",
    "dir/**, dir, false",
    "dir**, directory/x, true",
    "a/**/b, a/b, true",
    "a/**/b, a/x/y/b, true",
    "dir, dir/deep/file, true",
    "./dir/, dir/file, true",
    "*.go, a.go, true",
    "*.go, d/a.go, false",
    "a.go, axgo, false",
    "a?c, abc, true",
    "a?c, a/c, false",
    "[a-c]x, bx, true",
    "[^a-c]x, bx, false",
    "[a&&b]x, &x, true",
    "\\*, *, true",
    "\\*, a, false",
    "日?, 日本, true",
    "😀*, 😀x, true",
  })
  void patternMatchesPath(String pattern, String path, boolean expected) {
    assertThat(PathPatterns.parse(List.of(pattern)).match(path, Found.NOTHING).matches())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "a[b", "!", "\\", "[]a]", "[-]", "[a-]"})
  void malformedIsRefused(String pattern) {
    assertThatThrownBy(() -> PathPatterns.parse(List.of(pattern)))
        .isInstanceOf(InvalidRequest.class);
  }

  @ParameterizedTest
  @CsvSource({
    "*, abc, true",
    "a*c, abbc, true",
    "a*c, ab/c, false",
    "/a/*/c, /a/b/c, true",
    "[a-c], b, true",
    "[^a-c], b, false",
    "[\\]a], ], true",
    "a\\?, a?, true",
    "a\\?, ab, false",
    "*日, x日, true",
    "?, 😀, true",
    "a**, ab, true",
  })
  void wildcardMatchesPath(String pattern, String path, boolean expected) {
    assertThat(Wildcard.matches(pattern, path)).isEqualTo(expected);
  }
}
