package dev.slipway.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A pointer to a blob: what kind it is, which bytes, how many (OCI image-spec, descriptor.md).
///
/// @param digest over the blob as stored, so over the *compressed* bytes of a layer
/// @param bytes length of the blob in bytes, never negative
/// @param annotations sorted or not, kept as given
/// @param platform in an index: what the manifest runs on
/// @param urls where else the blob can be had, of layers that registries may not distribute
public record Descriptor(
    MediaType mediaType,
    Digest digest,
    long bytes,
    Map<String, String> annotations,
    Optional<Platform> platform,
    List<String> urls) {
  /// Annotation on layer descriptors kept in stores and caches: the DiffID of the uncompressed
  /// layer.
  public static final String UNCOMPRESSED = "containerd.io/uncompressed";

  public Descriptor {
    annotations = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(annotations));
    if (bytes < 0) {
      throw new dev.slipway.failure.InvalidRequest(
          "descriptor " + digest + " has negative size " + bytes);
    }
    urls = List.copyOf(urls);
  }

  public Descriptor(
      MediaType mediaType,
      Digest digest,
      long bytes,
      Map<String, String> annotations,
      Optional<Platform> platform) {
    this(mediaType, digest, bytes, annotations, platform, List.of());
  }

  public Descriptor(MediaType mediaType, Digest digest, long bytes) {
    this(mediaType, digest, bytes, Map.of(), Optional.empty());
  }

  public Descriptor withAnnotations(Map<String, String> replaced) {
    return new Descriptor(mediaType, digest, bytes, replaced, platform, urls);
  }

  public Descriptor withPlatform(Platform runsOn) {
    return new Descriptor(mediaType, digest, bytes, annotations, Optional.of(runsOn), urls);
  }

  public Descriptor withMediaType(MediaType other) {
    return new Descriptor(other, digest, bytes, annotations, platform, urls);
  }

  public Descriptor withUrls(List<String> others) {
    return new Descriptor(mediaType, digest, bytes, annotations, platform, others);
  }

  /// Whether registries may not hand the blob on (OCI image-spec, layer.md; Docker's "foreign"
  /// layers).
  public boolean isNonDistributable() {
    return mediaType.value().contains(".nondistributable.")
        || mediaType.value().contains(".foreign.");
  }

  /// The DiffID noted in the annotations, when this describes a layer whose uncompressed digest is
  /// known.
  public Optional<DiffId> diffId() {
    return Optional.ofNullable(annotations.get(UNCOMPRESSED))
        .filter(Digest::isDigest)
        .map(DiffId::parse);
  }
}
