package dev.slipway.remotecache;

import dev.slipway.failure.CorruptData;
import dev.slipway.image.GoValues;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import dev.slipway.remotecache.CacheConfig.Blob;
import dev.slipway.remotecache.CacheConfig.Chain;
import dev.slipway.remotecache.CacheConfig.Entry;
import dev.slipway.remotecache.CacheConfig.Layer;
import dev.slipway.remotecache.CacheConfig.Link;
import dev.slipway.remotecache.CacheConfig.Result;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// A [CacheConfig] as JSON, byte for byte as Go writes it. What is read comes from strangers: all
/// that does not fit fails with [CorruptData]; unknown members are passed over.
public final class CacheJson {
  private static final int NO_PARENT = -1;
  private static final String ZERO_TIME = "0001-01-01T00:00:00Z";

  private CacheJson() {}

  public static byte[] write(CacheConfig config) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    putUnlessEmpty(json, "layers", config.layers().stream().map(CacheJson::tree).toList());
    putUnlessEmpty(json, "records", config.records().stream().map(CacheJson::tree).toList());
    return GoJson.compact(json);
  }

  /// The records alone, as they are embedded into images.
  public static byte[] writeRecords(List<Entry> records) {
    return GoJson.compact(records.stream().map(CacheJson::tree).toList());
  }

  public static CacheConfig read(byte[] bytes) {
    JsonNode node = OciJson.object(bytes, "cache config");
    List<Layer> layers = new ArrayList<>();
    node.path("layers").forEach(each -> layers.add(layer(each)));
    return new CacheConfig(layers, records(node.path("records")));
  }

  public static List<Entry> readRecords(byte[] bytes) {
    String wrapped = "{\"records\":" + new String(bytes, StandardCharsets.UTF_8) + "}";
    return records(
        OciJson.object(wrapped.getBytes(StandardCharsets.UTF_8), "cache records").path("records"));
  }

  private static List<Entry> records(JsonNode array) {
    List<Entry> records = new ArrayList<>();
    array.forEach(each -> records.add(entry(each)));
    return records;
  }

  private static Layer layer(JsonNode node) {
    int parent = node.path("parent").asInt(0);
    JsonNode notes = node.path("annotations");
    Optional<Blob> blob =
        notes.isObject()
            ? Optional.of(
                new Blob(
                    new MediaType(notes.path("mediaType").asString("")),
                    Optional.of(notes.path("diffID").asString(""))
                        .filter(Digest::isDigest)
                        .map(Digest::parse),
                    Math.max(0, notes.path("size").asLong(0)),
                    Optional.of(notes.path("createdAt").asString(""))
                        .filter(text -> !text.isEmpty() && !text.equals(ZERO_TIME))
                        .map(CacheJson::time)))
            : Optional.empty();
    return new Layer(
        digest(node.path("blob")),
        parent == NO_PARENT ? OptionalInt.empty() : OptionalInt.of(parent),
        blob);
  }

  private static Entry entry(JsonNode node) {
    List<List<Link>> inputs = new ArrayList<>();
    for (JsonNode slot : node.path("inputs")) {
      List<Link> links = new ArrayList<>();
      slot.forEach(
          link ->
              links.add(new Link(link.path("selector").asString(""), link.path("link").asInt(-1))));
      inputs.add(links);
    }
    List<Result> results = new ArrayList<>();
    node.path("layers")
        .forEach(each -> results.add(new Result(each.path("layer").asInt(-1), time(each))));
    List<Chain> chains = new ArrayList<>();
    for (JsonNode each : node.path("chains")) {
      List<Integer> layers = new ArrayList<>();
      each.path("layers").forEach(index -> layers.add(index.asInt(-1)));
      chains.add(new Chain(layers, time(each)));
    }
    return new Entry(digest(node.path("digest")), inputs, results, chains);
  }

  private static Instant time(JsonNode result) {
    return time(result.path("createdAt").asString(ZERO_TIME));
  }

  private static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException bad) {
      throw new CorruptData("invalid time in a cache config: " + clipped(text), bad);
    }
  }

  private static Digest digest(JsonNode node) {
    String text = node.asString("");
    if (!Digest.isDigest(text)) {
      throw new CorruptData("invalid digest in a cache config: " + clipped(text));
    }
    return Digest.parse(text);
  }

  private static String clipped(String text) {
    return "\"" + (text.length() > 100 ? text.substring(0, 100) : text) + "\"";
  }

  private static SequencedMap<String, Object> tree(Layer layer) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("blob", layer.digest().toString());
    int parent = layer.parent().orElse(NO_PARENT);
    if (parent != 0) {
      json.put("parent", parent);
    }
    layer.blob().ifPresent(blob -> json.put("annotations", tree(blob)));
    return json;
  }

  private static SequencedMap<String, Object> tree(Blob blob) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    if (!blob.mediaType().value().isEmpty()) {
      json.put("mediaType", blob.mediaType().value());
    }
    blob.diffId().ifPresent(diffId -> json.put("diffID", diffId.toString()));
    if (blob.bytes() != 0) {
      json.put("size", blob.bytes());
    }
    json.put("createdAt", blob.createdAt().map(GoValues::format).orElse(ZERO_TIME));
    return json;
  }

  private static SequencedMap<String, Object> tree(Entry record) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    putUnlessEmpty(
        json,
        "layers",
        record.results().stream()
            .map(result -> tree("layer", result.layer(), result.createdAt()))
            .toList());
    putUnlessEmpty(
        json,
        "chains",
        record.chains().stream()
            .map(chain -> tree("layers", chain.layers(), chain.createdAt()))
            .toList());
    json.put("digest", record.digest().toString());
    putUnlessEmpty(
        json,
        "inputs",
        record.inputs().stream().map(slot -> slot.stream().map(CacheJson::tree).toList()).toList());
    return json;
  }

  private static SequencedMap<String, Object> tree(String key, Object layers, Instant createdAt) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put(key, layers);
    json.put("createdAt", GoValues.format(createdAt));
    return json;
  }

  private static SequencedMap<String, Object> tree(Link link) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    if (!link.selector().isEmpty()) {
      json.put("selector", link.selector());
    }
    json.put("link", link.record());
    return json;
  }

  private static void putUnlessEmpty(SequencedMap<String, Object> json, String key, List<?> list) {
    if (!list.isEmpty()) {
      json.put(key, list);
    }
  }
}
