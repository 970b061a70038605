package dev.slipway.deploy;

import dev.slipway.api.control.StatusResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a build's `--progress=rawjson` told: the last state of each vertex, in order of appearance.
///
/// @param warnings their short forms
record Progress(List<Vertex> vertexes, String logs, List<String> warnings) {
  private static final JsonMapper JSON = new JsonMapper();

  /// @param name as people see it, e.g. `[linux/arm64 2/3] RUN true`
  record Vertex(String digest, String name, boolean cached, boolean completed, String error) {}

  Progress {
    vertexes = List.copyOf(vertexes);
    warnings = List.copyOf(warnings);
  }

  static Progress parse(String rawJson) {
    Map<String, Vertex> last = new LinkedHashMap<>();
    StringBuilder logs = new StringBuilder();
    List<String> warnings = new ArrayList<>();
    rawJson
        .lines()
        .filter(line -> line.startsWith("{"))
        .map(JSON::readTree)
        .forEach(
            event -> {
              for (JsonNode vertex : event.path("vertexes")) {
                String digest = vertex.path("digest").asString();
                last.put(
                    digest,
                    new Vertex(
                        digest,
                        vertex.path("name").asString(""),
                        vertex.path("cached").asBoolean(false),
                        vertex.has("completed"),
                        vertex.path("error").asString("")));
              }
              for (JsonNode log : event.path("logs")) {
                logs.append(text(log.path("data")));
              }
              for (JsonNode warning : event.path("warnings")) {
                warnings.add(text(warning.path("short")));
              }
            });
    return new Progress(List.copyOf(last.values()), logs.toString(), warnings);
  }

  /// What a daemon told, in order.
  static Progress of(List<StatusResponse> updates) {
    Map<String, Vertex> last = new LinkedHashMap<>();
    StringBuilder logs = new StringBuilder();
    List<String> warnings = new ArrayList<>();
    for (StatusResponse update : updates) {
      update
          .getVertexesList()
          .forEach(
              vertex ->
                  last.put(
                      vertex.getDigest(),
                      new Vertex(
                          vertex.getDigest(),
                          vertex.getName(),
                          vertex.getCached(),
                          vertex.hasCompleted(),
                          vertex.getError())));
      update.getLogsList().forEach(log -> logs.append(log.getMsg().toStringUtf8()));
      update.getWarningsList().forEach(warning -> warnings.add(warning.getShort().toStringUtf8()));
    }
    return new Progress(List.copyOf(last.values()), logs.toString(), warnings);
  }

  /// Such texts are bytes on the wire, which JSON has as Base64.
  private static String text(JsonNode bytes) {
    return new String(bytes.binaryValue(), StandardCharsets.UTF_8);
  }

  /// The vertices that run a step of a Dockerfile.
  List<Vertex> steps() {
    return vertexes.stream()
        .filter(vertex -> vertex.name().matches("\\[.*\\d+/\\d+\\].*"))
        .toList();
  }

  /// Steps that changed something: all but those that name a base image.
  List<Vertex> workSteps() {
    return steps().stream()
        .filter(Predicate.not(vertex -> vertex.name().contains("] FROM ")))
        .toList();
  }

  List<Vertex> named(String part) {
    return vertexes.stream().filter(vertex -> vertex.name().contains(part)).toList();
  }
}
