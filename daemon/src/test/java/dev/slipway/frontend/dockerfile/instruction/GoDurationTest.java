package dev.slipway.frontend.dockerfile.instruction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "5s, 5s",
    "90s, 1m30s",
    "1h, 1h0m0s",
    "1.5s, 1.5s",
    "1500ms, 1.5s",
    "10ms, 10ms",
    "1500us, 1.5ms",
    "100ns, 100ns",
    "1h1m1.001s, 1h1m1.001s",
    "-3s, -3s",
    "+2s, 2s",
    ".5s, 500ms",
    "48h, 48h0m0s"
  })
  void readsAndPrintsAsTheReference(String written, String printed) {
    assertThat(GoDuration.print(GoDuration.parse(written))).isEqualTo(printed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1", "1.", "s", "1x", "1s2", "-", ".s", "99999999999h", "1s 2s"})
  void refusesEverythingElse(String written) {
    assertThatThrownBy(() -> GoDuration.parse(written))
        .hasMessageContaining("duration \"" + written + "\"");
  }
}
