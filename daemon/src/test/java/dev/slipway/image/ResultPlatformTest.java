package dev.slipway.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResultPlatformTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "null | invalid empty platforms index for exporter",
        "{\"Platforms\":[]} | invalid empty platforms index for exporter",
        "{\"Platforms\":[{\"ID\":\"\",\"Platform\":{}}]} | invalid empty platform key for exporter",
        "{\"Platforms\":[{\"ID\":\"foo\",\"Platform\":{}}]} | invalid platform value {} for exporter",
      })
  void refusesPlatformsThatMeanNothing(String told, String why) {
    assertThatThrownBy(() -> ResultPlatform.of(Map.of("refs.platforms", bytes(told))))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining(why);
  }

  @Test
  void aResultWithoutConfigIsForThisMachine() {
    assertThat(ResultPlatform.of(Map.of("containerimage.config", bytes("null"))))
        .containsExactly(new ResultPlatform(Platform.local().formatAll(), Platform.local()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
