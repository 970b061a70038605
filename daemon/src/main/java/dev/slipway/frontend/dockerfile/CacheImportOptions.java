package dev.slipway.frontend.dockerfile;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.oci.json.OciJson;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The caches that a build's options say to look into: `cache-imports`, as clients write it now,
/// and `cache-from`, images separated by commas (BuildKit v0.32.2, `frontend/dockerui/config.go`).
final class CacheImportOptions {
  private CacheImportOptions() {}

  /// @throws InvalidRequest an option is not as it should be
  static void take(FrontendOptions options, FrontendBridge bridge) {
    options.find("cache-imports").ifPresent(json -> read(json, bridge));
    options
        .find("cache-from")
        .ifPresent(
            names -> {
              for (String name : names.split(",", -1)) {
                if (!name.isBlank()) {
                  bridge.importCache("registry", Map.of("ref", name.strip()));
                }
              }
            });
  }

  private static void read(String json, FrontendBridge bridge) {
    try {
      byte[] wrapped = ("{\"all\":" + json + "}").getBytes(StandardCharsets.UTF_8);
      for (JsonNode each : OciJson.object(wrapped, "cache-imports").path("all")) {
        Map<String, String> attributes = new LinkedHashMap<>();
        each.path("Attrs")
            .properties()
            .forEach(member -> attributes.put(member.getKey(), member.getValue().asString("")));
        bridge.importCache(each.path("Type").asString(""), attributes);
      }
    } catch (CorruptData bad) {
      throw new InvalidRequest("failed to unmarshal cache-imports (" + json + ")", bad);
    }
  }
}
