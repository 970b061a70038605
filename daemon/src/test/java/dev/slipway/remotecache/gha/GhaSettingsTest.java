package dev.slipway.remotecache.gha;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GhaSettingsTest {
  @ParameterizedTest
  @CsvSource({
    "'', https://one/, '', https://one, 1",
    "'', https://one/, https://two/, https://two, 2",
    "1, https://one/, https://two/, https://one, 1",
    "2, https://one/, https://two/, https://two, 2",
    "2, https://one/, '', https://one, 2",
    "'', https://results-receiver.actions.githubusercontent.com/, '', "
        + "https://results-receiver.actions.githubusercontent.com, 2",
  })
  void whichServiceIsSpokenTo(
      String version, String url, String newer, String expected, int protocol) {
    Map<String, String> attributes = new HashMap<>(Map.of("token", "t", "url", url));
    if (!version.isEmpty()) {
      attributes.put("version", version);
    }
    if (!newer.isEmpty()) {
      attributes.put("url_v2", newer);
    }

    GhaSettings settings = GhaSettings.of(attributes);

    assertThat(settings.url()).isEqualTo(expected);
    assertThat(settings.version()).isEqualTo(protocol);
  }

  @Test
  void whatIsNotSaidIsAsInBuildkit() {
    GhaSettings settings = GhaSettings.of(Map.of("token", "t", "url", "https://one"));

    assertThat(settings.scope()).isEqualTo("buildkit");
    assertThat(settings.timeout()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.listing()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "token, '', token not set for github actions cache",
    "url, '', url not set for github actions cache",
    "version, two, 'failed to parse api version \"two\", expected positive integer'",
    "timeout, soon, failed to parse timeout for github actions cache",
    "url, nowhere, invalid url for github actions cache",
  })
  void wrongValuesAreRefused(String name, String value, String message) {
    Map<String, String> attributes = new HashMap<>(Map.of("token", "t", "url", "https://one"));
    if (value.isEmpty()) {
      attributes.remove(name);
    } else {
      attributes.put(name, value);
    }

    assertThatThrownBy(() -> GhaSettings.of(attributes))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining(message);
  }
}
