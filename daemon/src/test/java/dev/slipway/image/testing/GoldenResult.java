package dev.slipway.image.testing;

import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.GoJson;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore.LayerSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One image that the genuine daemon exported, taken apart again: the result as a frontend would
/// hand it over, and what must come out.
public final class GoldenResult implements AutoCloseable {
  public final JsonNode recorded;
  public final SequencedMap<String, Optional<ImmutableRef>> refs = new LinkedHashMap<>();
  public final Map<String, byte[]> metadata = new HashMap<>();
  private Optional<ImmutableRef> single = Optional.empty();

  private GoldenResult(JsonNode recorded) {
    this.recorded = recorded;
  }

  /// Puts the layers into the fixture's registry. Caller closes.
  public static GoldenResult of(String name, PullFixture fixture) throws IOException {
    GoldenResult result = new GoldenResult(read(name));
    Map<String, byte[]> layers = new HashMap<>();
    for (JsonNode layer : result.recorded.get("layers")) {
      byte[] bytes = gunzip(layer.get("gzipBase64").asString());
      layers.put(layer.get("digest").asString(), bytes);
      fixture.registry.addBlob("library/golden", MediaType.OCI_LAYER, bytes);
    }
    JsonNode root = result.document(result.recorded.get("root").asString());
    if (!root.has("manifests")) {
      result.single = result.take(root, "", layers, fixture);
      return result;
    }
    ArrayNode platforms = JsonMapper.shared().createArrayNode();
    for (JsonNode manifest : root.get("manifests")) {
      String id = "linux/" + manifest.at("/platform/architecture").asString();
      platforms.addObject().put("ID", id).set("Platform", manifest.get("platform"));
      result.refs.put(
          id,
          result.take(
              result.document(manifest.get("digest").asString()), "/" + id, layers, fixture));
    }
    result.metadata.put(
        "refs.platforms",
        bytes(JsonMapper.shared().createObjectNode().set("Platforms", platforms)));
    return result;
  }

  public Optional<ImmutableRef> single() {
    return single;
  }

  /// The attributes of the recorded request, with what the daemon derives from the build argument.
  public Map<String, String> attributes() {
    Map<String, String> attributes = new TreeMap<>(Map.of("source-date-epoch", "1700000000"));
    recorded
        .at("/request/Exporters/0/Attrs")
        .properties()
        .forEach(each -> attributes.put(each.getKey(), each.getValue().asString()));
    return attributes;
  }

  public String expected(String key) {
    return recorded.get("exporterResponse").path(key).asString("");
  }

  private Optional<ImmutableRef> take(
      JsonNode manifest, String suffix, Map<String, byte[]> layers, PullFixture fixture) {
    ObjectNode config = (ObjectNode) document(manifest.at("/config/digest").asString());
    config.remove("rootfs");
    config.put("created", "2026-11-23T21:54:28.673081781Z");
    for (JsonNode entry : config.get("history")) {
      if (entry.path("comment").asString("").equals("buildkit.dockerfile.v0")) {
        ((ObjectNode) entry).remove("created");
      }
    }
    metadata.put("containerimage.config" + suffix, bytes(config));
    baseConfig(manifest)
        .ifPresent(base -> metadata.put("containerimage.base.config" + suffix, base));
    List<LayerSource> sources = new ArrayList<>();
    for (JsonNode layer : manifest.get("layers")) {
      DiffId diffId = DiffId.parse(layer.get("digest").asString());
      Descriptor blob =
          new Descriptor(MediaType.OCI_LAYER, diffId.digest(), layers.get(diffId.toString()).length)
              .withAnnotations(Map.of(Descriptor.UNCOMPRESSED, diffId.toString()));
      sources.add(
          new LayerSource(
              blob,
              diffId,
              Optional.of(new LayerOrigin("registry", "docker.io/library/golden")),
              "a step"));
    }
    return Optional.of(fixture.refs.ofLayers(sources, RefDescription.regular("golden")));
  }

  /// The base images' configs, told by the bottom layer.
  private static Optional<byte[]> baseConfig(JsonNode manifest) {
    Map<String, byte[]> blobs = GoldenImages.blobs();
    String bottom = manifest.at("/layers/0/digest").asString();
    return blobs.values().stream()
        .filter(each -> each.length < 2000)
        .filter(each -> new String(each, StandardCharsets.UTF_8).contains("diff_ids"))
        .filter(each -> new String(each, StandardCharsets.UTF_8).contains(bottom))
        .findFirst();
  }

  private JsonNode document(String digest) {
    return JsonMapper.shared().readTree(recorded.get("documents").get(digest).asString());
  }

  private static byte[] bytes(JsonNode node) {
    return GoJson.compacted(node.toString()).getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode read(String name) throws IOException {
    try (InputStream in =
        GoldenResult.class.getResourceAsStream("/golden/images/" + name + ".json")) {
      return JsonMapper.shared().readTree(in);
    }
  }

  private static byte[] gunzip(String base64) throws IOException {
    try (InputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(base64)))) {
      return in.readAllBytes();
    }
  }

  @Override
  public void close() {
    single.ifPresent(ImmutableRef::close);
    refs.values().forEach(ref -> ref.ifPresent(ImmutableRef::close));
  }
}
