package dev.slipway.layer;

import dev.slipway.oci.Descriptor;
import dev.slipway.oci.MediaType;
import java.util.List;
import java.util.Optional;

/// How layers are to be compressed.
///
/// @param level empty: the kind's default
/// @param force convert layers that exist in another compression
/// @param ociMediaTypes OCI's names of the types, not Docker's
public record LayerCompression(
    Kind kind, Optional<Integer> level, boolean force, boolean ociMediaTypes) {
  public static final LayerCompression DEFAULT =
      new LayerCompression(Kind.GZIP, Optional.empty(), false, true);

  private static final List<List<MediaType>> FAMILIES =
      List.of(
          List.of(MediaType.DOCKER_LAYER, MediaType.OCI_LAYER),
          List.of(MediaType.DOCKER_LAYER_GZIP, MediaType.OCI_LAYER_GZIP),
          List.of(MediaType.DOCKER_LAYER_ZSTD, MediaType.OCI_LAYER_ZSTD),
          nonDistributable("", ""),
          nonDistributable(".gzip", "+gzip"),
          nonDistributable(".zstd", "+zstd"));

  private static List<MediaType> nonDistributable(String docker, String oci) {
    return List.of(
        new MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar" + docker),
        new MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar" + oci));
  }

  public enum Kind {
    UNCOMPRESSED,
    GZIP,
    ZSTD,
    ESTARGZ;

    /// How that layer is compressed, as far as its descriptor tells.
    public static Kind of(Descriptor blob) {
      String type = blob.mediaType().value();
      if (type.endsWith("zstd")) {
        return ZSTD;
      }
      if (type.endsWith("gzip")) {
        return blob.annotations().containsKey(BlobSink.ESTARGZ_TABLE) ? ESTARGZ : GZIP;
      }
      return UNCOMPRESSED;
    }
  }

  /// What that type of layer is called in the family asked for; types of neither stay as they are.
  public MediaType inFamily(MediaType type) {
    return FAMILIES.stream()
        .filter(pair -> pair.contains(type))
        .map(pair -> ociMediaTypes ? pair.getLast() : pair.getFirst())
        .findFirst()
        .orElse(type);
  }

  /// Type of a blob made this way.
  public MediaType mediaType() {
    return switch (kind) {
      case UNCOMPRESSED -> ociMediaTypes ? MediaType.OCI_LAYER : MediaType.DOCKER_LAYER;
      case GZIP, ESTARGZ -> ociMediaTypes ? MediaType.OCI_LAYER_GZIP : MediaType.DOCKER_LAYER_GZIP;
      case ZSTD -> ociMediaTypes ? MediaType.OCI_LAYER_ZSTD : MediaType.DOCKER_LAYER_ZSTD;
    };
  }
}
