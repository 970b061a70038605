package dev.slipway.oci.json;

import dev.slipway.failure.CorruptData;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageConfig;
import dev.slipway.oci.Index;
import dev.slipway.oci.Manifest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Reads and writes manifests, indexes, configs and descriptors. What is read comes from peers:
/// anything that is not as the specification says fails with [CorruptData]. Unknown members are
/// passed over.
public final class OciJson {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private OciJson() {}

  /// Any JSON object.
  public static JsonNode object(byte[] bytes, String what) {
    try {
      JsonNode node = MAPPER.readTree(bytes);
      if (node instanceof ObjectNode) {
        return node;
      }
    } catch (JacksonException bad) {
      throw new CorruptData(what + " is not valid JSON: " + bad.getOriginalMessage(), bad);
    }
    throw new CorruptData(what + " is no JSON object");
  }

  /// The type a manifest or index says of itself; told by its shape where it says nothing.
  public static Optional<MediaType> mediaTypeOf(byte[] document) {
    JsonNode node = object(document, "manifest");
    Optional<String> said = string(node, "mediaType");
    if (said.isPresent()) {
      return said.map(MediaType::new);
    }
    if (node.path("manifests").isArray()) {
      return Optional.of(MediaType.OCI_INDEX);
    }
    return node.path("config").isObject() ? Optional.of(MediaType.OCI_MANIFEST) : Optional.empty();
  }

  public static Manifest manifest(byte[] bytes) {
    JsonNode node = object(bytes, "manifest");
    if (node.path("schemaVersion").asInt(0) != 2 || node.has("manifests")) {
      throw new CorruptData("manifest is of an unsupported schema");
    }
    return new Manifest(
        string(node, "mediaType").map(MediaType::new).orElse(MediaType.OCI_MANIFEST),
        string(node, "artifactType").map(MediaType::new),
        descriptor(node.path("config")),
        descriptors(node.path("layers")),
        node.path("subject").isObject()
            ? Optional.of(descriptor(node.path("subject")))
            : Optional.empty(),
        strings(node.path("annotations")));
  }

  public static Index index(byte[] bytes) {
    JsonNode node = object(bytes, "index");
    if (!node.path("manifests").isArray()) {
      throw new CorruptData("index without manifests");
    }
    return new Index(
        string(node, "mediaType").map(MediaType::new).orElse(MediaType.OCI_INDEX),
        descriptors(node.path("manifests")),
        strings(node.path("annotations")));
  }

  public static ImageConfig config(byte[] bytes) {
    JsonNode node = object(bytes, "image config");
    List<DiffId> diffIds = new ArrayList<>();
    for (JsonNode each : node.path("rootfs").path("diff_ids")) {
      diffIds.add(new DiffId(digest(each.asString(""))));
    }
    List<ImageConfig.History> history = new ArrayList<>();
    for (JsonNode each : node.path("history")) {
      history.add(
          new ImageConfig.History(
              string(each, "created"),
              string(each, "created_by").orElse(""),
              string(each, "author").orElse(""),
              string(each, "comment").orElse(""),
              each.path("empty_layer").asBoolean(false)));
    }
    return new ImageConfig(
        platform(node),
        string(node.path("rootfs"), "type").orElse(""),
        diffIds,
        history,
        string(node, "created"));
  }

  public static Descriptor descriptor(JsonNode node) {
    JsonNode size = node.path("size");
    if (!node.isObject() || !size.canConvertToLong() || size.asLong() < 0) {
      throw new CorruptData("invalid descriptor");
    }
    return new Descriptor(
        new MediaType(string(node, "mediaType").orElse("")),
        digest(string(node, "digest").orElse("")),
        size.asLong(),
        strings(node.path("annotations")),
        node.path("platform").isObject()
            ? Optional.of(platform(node.path("platform")))
            : Optional.empty(),
        texts(node.path("urls")));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asString("")));
    return texts;
  }

  /// Reads `os`, `architecture`, `variant`, `os.version`, `os.features`.
  public static Platform platform(JsonNode node) {
    List<String> features = new ArrayList<>();
    node.path("os.features").forEach(each -> features.add(each.asString("")));
    return new Platform(
        string(node, "os").orElse(""),
        string(node, "architecture").orElse(""),
        string(node, "variant").orElse(""),
        string(node, "os.version").orElse(""),
        features);
  }

  public static byte[] write(Manifest manifest) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("schemaVersion", 2);
    json.put("mediaType", manifest.mediaType().value());
    manifest.artifactType().ifPresent(type -> json.put("artifactType", type.value()));
    json.put("config", tree(manifest.config()));
    json.put("layers", manifest.layers().stream().map(OciJson::tree).toList());
    manifest.subject().ifPresent(subject -> json.put("subject", tree(subject)));
    putAnnotations(json, manifest.annotations());
    return GoJson.indented(json);
  }

  public static byte[] write(Index index) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("schemaVersion", 2);
    json.put("mediaType", index.mediaType().value());
    json.put("manifests", index.manifests().stream().map(OciJson::tree).toList());
    putAnnotations(json, index.annotations());
    return GoJson.indented(json);
  }

  /// A descriptor's members in the order of the specification's Go type.
  public static SequencedMap<String, Object> tree(Descriptor descriptor) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("mediaType", descriptor.mediaType().value());
    json.put("digest", descriptor.digest().toString());
    json.put("size", descriptor.bytes());
    if (!descriptor.urls().isEmpty()) {
      json.put("urls", descriptor.urls());
    }
    putAnnotations(json, descriptor.annotations());
    descriptor.platform().ifPresent(platform -> json.put("platform", tree(platform)));
    return json;
  }

  public static SequencedMap<String, Object> tree(Platform platform) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("architecture", platform.architecture());
    json.put("os", platform.os());
    putIfPresent(json, "os.version", platform.osVersion());
    if (!platform.osFeatures().isEmpty()) {
      json.put("os.features", platform.osFeatures());
    }
    putIfPresent(json, "variant", platform.variant());
    return json;
  }

  public static SequencedMap<String, Object> tree(ImageConfig.History history) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    history.created().ifPresent(time -> json.put("created", time));
    putIfPresent(json, "created_by", history.createdBy());
    putIfPresent(json, "author", history.author());
    putIfPresent(json, "comment", history.comment());
    if (history.emptyLayer()) {
      json.put("empty_layer", true);
    }
    return json;
  }

  /// Text of a JSON string literal.
  static String text(String literal) {
    return MAPPER.readTree(literal).asString();
  }

  private static void putAnnotations(
      SequencedMap<String, Object> json, Map<String, String> annotations) {
    if (!annotations.isEmpty()) {
      json.put("annotations", new TreeMap<>(annotations));
    }
  }

  private static void putIfPresent(SequencedMap<String, Object> json, String key, String value) {
    if (!value.isEmpty()) {
      json.put(key, value);
    }
  }

  private static List<Descriptor> descriptors(JsonNode array) {
    List<Descriptor> all = new ArrayList<>();
    array.forEach(each -> all.add(descriptor(each)));
    return Collections.unmodifiableList(all);
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> all = new LinkedHashMap<>();
    object.properties().forEach(member -> all.put(member.getKey(), member.getValue().asString("")));
    return all;
  }

  private static Optional<String> string(JsonNode object, String member) {
    JsonNode node = object.path(member);
    return node.isString() && !node.asString().isEmpty()
        ? Optional.of(node.asString())
        : Optional.empty();
  }

  private static Digest digest(String text) {
    if (!Digest.isDigest(text)) {
      throw new CorruptData(
          "invalid digest in a document: \""
              + (text.length() > 100 ? text.substring(0, 100) : text)
              + "\"");
    }
    return Digest.parse(text);
  }
}
