package dev.slipway.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TruthValueTest {
  @ParameterizedTest
  @ValueSource(strings = {"1", "t", "T", "true", "TRUE", "True"})
  void someWordsAreTrue(String text) {
    assertThat(TruthValue.parse(text)).contains(true);
    assertThat(TruthValue.isTrue(text)).isTrue();
    assertThat(TruthValue.isFalse(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "f", "F", "false", "FALSE", "False"})
  void someWordsAreFalse(String text) {
    assertThat(TruthValue.parse(text)).contains(false);
    assertThat(TruthValue.isTrue(text)).isFalse();
    assertThat(TruthValue.isFalse(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yes", "no", "tRUE", "FaLSE", " true", "10"})
  void othersAreNeither(String text) {
    assertThat(TruthValue.parse(text)).isEmpty();
    assertThat(TruthValue.isTrue(text)).isFalse();
    assertThat(TruthValue.isFalse(text)).isFalse();
  }
}
