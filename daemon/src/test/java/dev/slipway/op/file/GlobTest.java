package dev.slipway.op.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  /// From the table of Go's `path/filepath.Match`.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "abc|abc|true", "*|abc|true", "*c|abc|true", "a*|a|true", "a*|abc|true", "a*b*c*d*e*|axbxcxdxexxx|true", "ab[c]|abc|true",
        "ab[b-d]|abc|true", "ab[e-g]|abc|false", "ab[^c]|abc|false", "ab[^b-d]|abc|false", "ab[^e-g]|abc|true", "a\\*b|a*b|true",
        "a\\*b|ab|false", "a?b|a☺b|true", "a[^a]b|a☺b|true", "a???b|a☺b|false", "[a-ζ]*|α|true", "*[a-ζ]|A|false", "[\\]a]|]|true",
        "[x\\-]|-|true", "[]a]|]|false", "[-]|-|false", "[x-]|x|false", "[a-b-c]|a|false", "[|a|false", "[^|a|false", "a[|a|false",
        "*x|xxx|true"
      })
  void matchesAsGoDoes(String pattern, String name, boolean expected) {
    assertThat(Glob.matches(pattern, name)).isEqualTo(expected);
  }
}
