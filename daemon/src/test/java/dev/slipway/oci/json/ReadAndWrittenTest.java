package dev.slipway.oci.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ReadAndWrittenTest {
  /// Recorded from `json.Marshal` of what `json.Unmarshal` read into an `any` (Go 1.25).
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{ \"b\": 1, \"a\": [true, null, \"<x>\"] }; {\"a\":[true,null,\"\\u003cx\\u003e\"],\"b\":1}",
        "[0, -0.0, 1.0, 1.50, 100, 123456789012345678]; [0,-0,1,1.5,100,123456789012345680]",
        "[1e20, 1e21, 1.5e21, 1e-6, 1e-7, 1.25e-9]; [100000000000000000000,1e+21,1.5e+21,0.000001,1e-7,1.25e-9]",
        "{}; {}",
        "[]; []"
      })
  void isWrittenAsGoWritesIt(String given, String written) {
    assertThat(ReadAndWritten.by(JsonMapper.shared().readTree(given)))
        .isEqualTo(written.getBytes(StandardCharsets.UTF_8));
  }
}
