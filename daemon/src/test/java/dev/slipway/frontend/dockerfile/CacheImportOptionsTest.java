package dev.slipway.frontend.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheImportOptionsTest {
  @Test
  void bothWaysOfNamingCachesAreTaken() {
    ScriptedBridge bridge = new ScriptedBridge(ScriptedBridge.SESSION);

    CacheImportOptions.take(
        OptionsReader.read(
            Map.of(
                "cache-from",
                "example.com/a:1, example.com/b:2",
                "cache-imports",
                "[{\"Type\":\"local\",\"Attrs\":{\"src\":\"/c\",\"digest\":\"sha256:00\"}}]")),
        bridge);

    assertThat(bridge.cacheImports())
        .isEqualTo(
            List.of(
                "local {digest=sha256:00, src=/c}",
                "registry {ref=example.com/a:1}",
                "registry {ref=example.com/b:2}"));
  }
}
