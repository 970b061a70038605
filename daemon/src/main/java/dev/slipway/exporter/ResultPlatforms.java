package dev.slipway.exporter;

import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The result metadata `refs.platforms`: which platforms a result of several has, in order.
final class ResultPlatforms {
  private static final String KEY = "refs.platforms";

  private ResultPlatforms() {}

  /// @throws InvalidRequest it is missing or malformed
  static List<String> ids(Map<String, byte[]> metadata) {
    byte[] json = metadata.get(KEY);
    if (json == null) {
      throw new InvalidRequest("unable to export multiple refs, missing platforms mapping");
    }
    try {
      List<String> ids = new ArrayList<>();
      for (JsonNode platform : JsonMapper.shared().readTree(json).path("Platforms")) {
        ids.add(platform.path("ID").asString());
      }
      if (ids.isEmpty()) {
        throw new InvalidRequest("invalid empty platforms index for exporter");
      }
      return ids;
    } catch (JacksonException malformed) {
      throw new InvalidRequest(
          "failed to parse platforms passed to exporter: " + malformed.getOriginalMessage(),
          malformed);
    }
  }
}
