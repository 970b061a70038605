package dev.slipway.history;

import dev.slipway.failure.CorruptData;
import dev.slipway.history.BuildRecord.Asked;
import dev.slipway.history.BuildRecord.Export;
import dev.slipway.history.BuildRecord.Failure;
import dev.slipway.history.BuildRecord.Outcome;
import dev.slipway.history.BuildRecord.Steps;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;

/// A record as text in a row, so that it can be read with any tool.
final class RecordJson {
  private RecordJson() {}

  static String write(BuildRecord record) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("ref", record.ref());
    json.put("frontend", record.asked().frontend());
    json.put("options", record.asked().options());
    json.put("exports", record.asked().exports().stream().map(RecordJson::export).toList());
    json.put("createdAt", record.createdAt().toString());
    record.outcome().ifPresent(outcome -> json.put("outcome", outcome(outcome)));
    record.trace().ifPresent(trace -> json.put("trace", OciJson.tree(trace)));
    json.put("generation", record.generation());
    json.put("pinned", record.pinned());
    return new String(GoJson.compact(json), StandardCharsets.UTF_8);
  }

  private static Map<String, Object> export(Export export) {
    return Map.of("type", export.type(), "attributes", export.attributes());
  }

  private static Map<String, Object> outcome(Outcome outcome) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("completedAt", outcome.completedAt().toString());
    outcome
        .failure()
        .ifPresent(
            failure ->
                json.put(
                    "failure",
                    Map.of(
                        "code",
                        failure.code(),
                        "message",
                        failure.message(),
                        "status",
                        OciJson.tree(failure.status()))));
    json.put("log", OciJson.tree(outcome.log()));
    Steps steps = outcome.steps();
    json.put("steps", List.of(steps.total(), steps.completed(), steps.cached(), steps.warnings()));
    json.put("metadata", outcome.metadata());
    Map<String, Object> attestations = new LinkedHashMap<>();
    outcome
        .attestations()
        .forEach(
            (platform, blobs) ->
                attestations.put(platform, blobs.stream().map(OciJson::tree).toList()));
    json.put("attestations", attestations);
    Map<String, Object> exported = new LinkedHashMap<>();
    outcome.exported().forEach((index, root) -> exported.put("" + index, OciJson.tree(root)));
    json.put("exported", exported);
    return json;
  }

  /// @throws CorruptData it is no record
  static BuildRecord read(String text) {
    JsonNode json = OciJson.object(text.getBytes(StandardCharsets.UTF_8), "build record");
    List<Export> exports = new ArrayList<>();
    for (JsonNode export : json.path("exports")) {
      exports.add(new Export(export.path("type").asString(""), texts(export.path("attributes"))));
    }
    return new BuildRecord(
        json.path("ref").asString(""),
        new Asked(json.path("frontend").asString(""), texts(json.path("options")), exports),
        instant(json.path("createdAt")),
        json.has("outcome") ? Optional.of(readOutcome(json.path("outcome"))) : Optional.empty(),
        json.has("trace") ? Optional.of(OciJson.descriptor(json.path("trace"))) : Optional.empty(),
        json.path("generation").asInt(0),
        json.path("pinned").asBoolean(false));
  }

  private static Outcome readOutcome(JsonNode json) {
    JsonNode failure = json.path("failure");
    JsonNode steps = json.path("steps");
    Map<String, List<Descriptor>> attestations = new LinkedHashMap<>();
    each(json.path("attestations"), (key, list) -> attestations.put(key, descriptors(list)));
    TreeMap<Long, Descriptor> exported = new TreeMap<>();
    each(
        json.path("exported"),
        (key, root) -> exported.put(Long.parseLong(key), OciJson.descriptor(root)));
    return new Outcome(
        instant(json.path("completedAt")),
        failure.isObject()
            ? Optional.of(
                new Failure(
                    failure.path("code").asInt(0),
                    failure.path("message").asString(""),
                    OciJson.descriptor(failure.path("status"))))
            : Optional.empty(),
        OciJson.descriptor(json.path("log")),
        new Steps(
            steps.path(0).asInt(0),
            steps.path(1).asInt(0),
            steps.path(2).asInt(0),
            steps.path(3).asInt(0)),
        texts(json.path("metadata")),
        attestations,
        exported);
  }

  private static List<Descriptor> descriptors(JsonNode array) {
    List<Descriptor> all = new ArrayList<>();
    array.forEach(node -> all.add(OciJson.descriptor(node)));
    return all;
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> all = new LinkedHashMap<>();
    each(object, (key, value) -> all.put(key, value.asString("")));
    return all;
  }

  private static void each(JsonNode object, BiConsumer<String, JsonNode> visitor) {
    object.properties().forEach(member -> visitor.accept(member.getKey(), member.getValue()));
  }

  private static Instant instant(JsonNode node) {
    try {
      return Instant.parse(node.asString(""));
    } catch (DateTimeException malformed) {
      throw new CorruptData("a build record has no readable time: " + node, malformed);
    }
  }
}
