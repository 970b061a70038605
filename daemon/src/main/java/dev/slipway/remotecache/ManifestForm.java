package dev.slipway.remotecache;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.GoValues;
import dev.slipway.image.ImageOptions;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// How a cache that lies where images lie is written: as an image whose config is the cache's
/// table, or as an index that lists the table among the layers (BuildKit v0.32.2,
/// `cache/remotecache/export.go`).
///
/// @param asImage an image manifest; otherwise an index
/// @param compression with the family of media types
public record ManifestForm(boolean asImage, LayerCompression compression) {
  /// @throws InvalidRequest an attribute's value is wrong, or two exclude each other
  public static ManifestForm of(Map<String, String> attributes) {
    boolean oci =
        Optional.ofNullable(attributes.get("oci-mediatypes"))
            .map(value -> GoValues.bool("oci-mediatypes", value))
            .orElse(true);
    boolean asImage =
        Optional.ofNullable(attributes.get("image-manifest"))
            .map(value -> GoValues.bool("image-manifest", value))
            .orElse(oci);
    if (asImage && !oci) {
      throw new InvalidRequest(
          "invalid configuration for remote cache, OCI mediatypes are required for image-manifest cache format");
    }
    return new ManifestForm(asImage, ImageOptions.compression(new HashMap<>(attributes), oci));
  }

  /// What is to be written besides the layers.
  ///
  /// @param layers as the manifest names them, in its order
  public record Written(
      List<Descriptor> layers, Document config, Document manifest, String manifestName) {}

  public record Document(Descriptor descriptor, byte[] bytes) {
    static Document of(MediaType type, byte[] bytes) {
      return new Document(new Descriptor(type, Digest.ofBytes(bytes), bytes.length), bytes);
    }
  }

  public Written write(ExportedCache cache) {
    List<Descriptor> layers =
        cache.config().layers().stream()
            .map(cache::layer)
            .map(CachedLayer::blob)
            .map(blob -> blob.withMediaType(compression.inFamily(blob.mediaType())))
            .toList();
    Document config = Document.of(CacheConfig.MEDIA_TYPE, CacheJson.write(cache.config()));
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("schemaVersion", 2);
    json.put("mediaType", mediaType().value());
    if (asImage) {
      json.put("config", OciJson.tree(config.descriptor()));
      json.put("layers", layers.stream().map(OciJson::tree).toList());
    } else {
      List<Descriptor> all = new ArrayList<>(layers);
      all.add(config.descriptor());
      json.put("manifests", all.stream().map(OciJson::tree).toList());
    }
    Document manifest = Document.of(mediaType(), GoJson.compact(json));
    return new Written(
        layers, config, manifest, asImage ? "cache image manifest" : "cache manifest");
  }

  private MediaType mediaType() {
    if (asImage) {
      return MediaType.OCI_MANIFEST;
    }
    return compression.ociMediaTypes() ? MediaType.OCI_INDEX : MediaType.DOCKER_LIST;
  }
}
