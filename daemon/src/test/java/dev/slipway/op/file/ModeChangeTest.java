package dev.slipway.op.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModeChangeTest {
  /// Expected values from chmod(1) with umask 0.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0755|644|755",
        "4755|644|4755",
        "u+x|644|744",
        "go-r|644|600",
        "a=r|777|444",
        "u=rwX,go=rX|644|644",
        "u=rwX,go=rX|744|755",
        "+X|644|644",
        "+x|644|755",
        "u+s|755|4755",
        "g+s|755|2755",
        "+t|755|1755",
        "o=u|640|646",
        "g=o|754|744",
        "u+rw-x|100|600",
        "u=rw,g=r,o=|777|640",
        "-w|666|444",
        "a+rwx|0|777"
      })
  void changesBitsAsChmodDoes(String change, String before, String after) {
    int changed = ModeChange.parse(change).apply(Integer.parseInt(before, 8), false);

    assertThat(Integer.toOctalString(changed)).isEqualTo(after);
  }

  @ParameterizedTest
  @CsvSource({"+X,644,755", "a=rX,600,555"})
  void givesDirectoriesSearchPermissionByX(String change, String before, String after) {
    int changed = ModeChange.parse(change).apply(Integer.parseInt(before, 8), true);

    assertThat(Integer.toOctalString(changed)).isEqualTo(after);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "8", "99", "10000000", "u", "u+q", "z+x", "u+x,", "17777"})
  void refusesWhatChmodWouldNotUnderstand(String text) {
    assertThatThrownBy(() -> ModeChange.parse(text))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("invalid syntax");
  }
}
