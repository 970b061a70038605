package dev.slipway.image;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.OciJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A platform that a result is for.
///
/// @param id the frontend's name of it
public record ResultPlatform(String id, Platform platform) {
  private static final String PLATFORMS = "refs.platforms";

  private static final String CONFIG = "containerimage.config";

  /// The platforms of a result, in order. A frontend that does not say them means one: that of the
  /// image's config, or else this machine's.
  ///
  /// @throws InvalidRequest the metadata make no sense
  public static List<ResultPlatform> of(Map<String, byte[]> metadata) {
    byte[] told = metadata.get(PLATFORMS);
    if (told == null) {
      Platform platform =
          Optional.ofNullable(metadata.get(CONFIG))
              .filter(config -> !isNull(config))
              .flatMap(ResultPlatform::ofConfig)
              .orElseGet(Platform::local);
      return List.of(new ResultPlatform(platform.formatAll(), platform));
    }
    List<ResultPlatform> all = new ArrayList<>();
    try {
      if (!isNull(told)) {
        OciJson.object(told, "platforms").path("Platforms").forEach(each -> all.add(of(each)));
      }
    } catch (CorruptData bad) {
      throw new InvalidRequest("failed to parse platforms passed to exporter: " + bad.text(), bad);
    }
    if (all.isEmpty()) {
      throw new InvalidRequest("invalid empty platforms index for exporter");
    }
    return all;
  }

  private static ResultPlatform of(JsonNode json) {
    String id = json.path("ID").asString("");
    if (id.isEmpty()) {
      throw new InvalidRequest("invalid empty platform key for exporter");
    }
    Platform platform = OciJson.platform(json.path("Platform"));
    if (platform.os().isEmpty() || platform.architecture().isEmpty()) {
      throw new InvalidRequest("invalid platform value " + json.path("Platform") + " for exporter");
    }
    return new ResultPlatform(id, platform);
  }

  /// What Go writes for nothing.
  static boolean isNull(byte[] json) {
    return new String(json, StandardCharsets.UTF_8).strip().equals("null");
  }

  private static Optional<Platform> ofConfig(byte[] config) {
    JsonNode node = OciJson.object(config, "image config");
    boolean os = !node.path("os").asString("").isEmpty();
    boolean architecture = !node.path("architecture").asString("").isEmpty();
    if (os != architecture) {
      throw new InvalidRequest(
          "invalid image config: os and architecture must be specified together");
    }
    return os ? Optional.of(OciJson.platform(node)) : Optional.empty();
  }
}
