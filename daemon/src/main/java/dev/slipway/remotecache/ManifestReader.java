package dev.slipway.remotecache;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageConfig;
import dev.slipway.oci.Manifest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.OciJson;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.remotecache.CacheConfig.Layer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// Reads a cache from where images lie, in whatever form it has: an image or an index with the
/// table, or images that carry their own (BuildKit v0.32.2, `cache/remotecache/import.go`).
/// Thread-safe.
///
/// @param documents reads a small document, verified against its digest
/// @param origin where the layers can be fetched
public record ManifestReader(Function<Descriptor, byte[]> documents, LayerOrigin origin) {
  /// The member of an image's config that holds its inline cache, base64.
  public static final String INLINE = "moby.buildkit.cache.v0";

  /// @throws dev.slipway.failure.BuildFailure what kept it from being read
  public List<ImportedConfig> read(Descriptor root, FetchContext context) {
    byte[] document = bounded(root);
    MediaType type =
        OciJson.mediaTypeOf(document)
            .filter(known -> known.isIndex() || known.isManifest())
            .orElseThrow(() -> new InvalidRequest("unsupported or uninferrable manifest type"));
    context.progress().start("inferred cache manifest type: " + type).close();
    List<Descriptor> blobs = new ArrayList<>();
    Optional<Descriptor> table;
    if (type.isIndex()) {
      List<Descriptor> listed = OciJson.index(document).manifests();
      table = listed.stream().filter(ManifestReader::isTable).reduce((_, last) -> last);
      listed.stream().filter(each -> !isTable(each)).forEach(blobs::add);
    } else {
      Manifest manifest = OciJson.manifest(document);
      table = Optional.of(manifest.config()).filter(ManifestReader::isTable);
      blobs.addAll(manifest.layers());
    }
    if (table.isEmpty()) {
      return inline(document);
    }
    CacheConfig config = CacheJson.read(bounded(table.get()));
    return List.of(new ImportedConfig(config, located(blobs)));
  }

  private static boolean isTable(Descriptor descriptor) {
    return descriptor.mediaType().equals(CacheConfig.MEDIA_TYPE);
  }

  private byte[] bounded(Descriptor descriptor) {
    if (descriptor.bytes() > CacheConfig.MAX_BYTES) {
      throw new InvalidRequest(
          "blob "
              + descriptor.digest()
              + " is too large ("
              + descriptor.bytes()
              + " > "
              + CacheConfig.MAX_BYTES
              + ")");
    }
    return documents.apply(descriptor);
  }

  private Map<Digest, CachedLayer> located(List<Descriptor> blobs) {
    Map<Digest, CachedLayer> layers = new LinkedHashMap<>();
    blobs.forEach(blob -> layers.put(blob.digest(), new CachedLayer(blob, Optional.of(origin))));
    return layers;
  }

  private List<ImportedConfig> inline(byte[] document) {
    Map<Digest, byte[]> manifests = new LinkedHashMap<>();
    collect(document, manifests, new HashSet<>());
    List<ImportedConfig> configs = new ArrayList<>();
    manifests.values().forEach(manifest -> ofImage(manifest).ifPresent(configs::add));
    return configs;
  }

  private void collect(byte[] document, Map<Digest, byte[]> manifests, Set<Digest> seen) {
    if (!seen.add(Digest.ofBytes(document))) {
      return;
    }
    Optional<MediaType> type = OciJson.mediaTypeOf(document);
    if (type.filter(MediaType::isManifest).isPresent()) {
      manifests.put(Digest.ofBytes(document), document);
    } else if (type.filter(MediaType::isIndex).isPresent()) {
      for (Descriptor each : OciJson.index(document).manifests()) {
        collect(documents.apply(each), manifests, seen);
      }
    }
  }

  private Optional<ImportedConfig> ofImage(byte[] document) {
    Manifest manifest = OciJson.manifest(document);
    if (manifest.layers().isEmpty() || !manifest.config().mediaType().isConfig()) {
      return Optional.empty();
    }
    byte[] bytes = documents.apply(manifest.config());
    JsonNode embedded = OciJson.object(bytes, "image config").path(INLINE);
    ImageConfig image = OciJson.config(bytes);
    if (!embedded.isString() || image.diffIds().size() != manifest.layers().size()) {
      return Optional.empty();
    }
    List<Layer> table = new ArrayList<>();
    List<Descriptor> blobs = noted(manifest.layers(), image);
    for (int i = 0; i < blobs.size(); i++) {
      OptionalInt parent = i == 0 ? OptionalInt.empty() : OptionalInt.of(i - 1);
      table.add(new Layer(blobs.get(i).digest(), parent, Optional.empty()));
    }
    CacheConfig config = new CacheConfig(table, CacheJson.readRecords(decoded(embedded)));
    return Optional.of(new ImportedConfig(config, located(blobs)));
  }

  private static byte[] decoded(JsonNode embedded) {
    try {
      return Base64.getDecoder().decode(embedded.asString());
    } catch (IllegalArgumentException bad) {
      throw new CorruptData("invalid inline cache: " + bad.getMessage(), bad);
    }
  }

  /// With what the image says of its layers.
  private static List<Descriptor> noted(List<Descriptor> layers, ImageConfig image) {
    List<ImageConfig.History> steps =
        image.history().stream().filter(step -> !step.emptyLayer()).toList();
    List<Descriptor> noted = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      DiffId diffId = image.diffIds().get(i);
      Map<String, String> annotations = new LinkedHashMap<>(layers.get(i).annotations());
      annotations.put(Descriptor.UNCOMPRESSED, diffId.toString());
      if (i < steps.size()) {
        steps.get(i).created().ifPresent(time -> annotations.put(CachedLayer.CREATED_AT, time));
        if (!steps.get(i).createdBy().isEmpty()) {
          annotations.put(CachedLayer.DESCRIPTION, steps.get(i).createdBy());
        }
      }
      noted.add(layers.get(i).withAnnotations(annotations));
    }
    return noted;
  }
}
