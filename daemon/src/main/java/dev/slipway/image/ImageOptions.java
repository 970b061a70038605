package dev.slipway.image;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.layer.LayerCompression;
import dev.slipway.layer.LayerCompression.Kind;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What an exporter of images is asked for, as far as it concerns the image itself.
///
/// @param name comma separated names, or `*`
/// @param epoch outer empty: not given, the frontend's counts; inner empty: given as empty, so none
/// @param rest attributes that mean nothing here
public record ImageOptions(
    String name,
    LayerCompression compression,
    Optional<Optional<Instant>> epoch,
    boolean rewriteTimestamp,
    Map<String, String> annotations,
    Map<String, String> rest) {
  public ImageOptions {
    annotations = Map.copyOf(annotations);
    rest = Map.copyOf(rest);
  }

  /// @throws InvalidRequest an attribute's value is wrong, or two exclude each other
  public static ImageOptions of(Map<String, String> attributes) {
    Map<String, String> annotations = new HashMap<>();
    Map<String, String> rest = new HashMap<>();
    attributes.forEach(
        (key, value) -> (ImageAnnotations.isKey(key) ? annotations : rest).put(key, value));
    ImageAnnotations.of(List.of(annotations));
    Optional<String> ociTypes = Optional.ofNullable(rest.remove("oci-mediatypes"));
    Optional<String> artifact = Optional.ofNullable(rest.remove("oci-artifact"));
    boolean oci = ociTypes.map(value -> GoValues.bool("oci-mediatypes", value)).orElse(true);
    String epochText = rest.remove("source-date-epoch");
    Optional<Optional<Instant>> epoch =
        epochText == null
            ? Optional.empty()
            : Optional.of(GoValues.epoch("source-date-epoch", epochText));
    for (String accepted : List.of("attestation-inline", "prefer-nondist-layers")) {
      Optional.ofNullable(rest.remove(accepted)).ifPresent(value -> GoValues.bool(accepted, value));
    }
    boolean rewrite =
        Optional.ofNullable(rest.remove("rewrite-timestamp"))
            .map(value -> GoValues.bool("rewrite-timestamp", value))
            .orElse(false);
    LayerCompression compression = compression(rest, oci);
    if (!oci && (compression.kind() == Kind.ZSTD || compression.kind() == Kind.ESTARGZ)) {
      String kind = compression.kind().name().toLowerCase(java.util.Locale.ROOT);
      throw new InvalidRequest(
          "exporter option \"compression=" + kind + "\" conflicts with \"oci-mediatypes=false\"");
    }
    if (!oci && artifact.map(value -> GoValues.bool("oci-artifact", value)).orElse(false)) {
      throw new InvalidRequest(
          "exporter option \"oci-artifact=true\" conflicts with \"oci-mediatypes=false\"");
    }
    String name = Optional.ofNullable(rest.remove("name")).orElse("");
    return new ImageOptions(name, compression, epoch, rewrite, annotations, rest);
  }

  public boolean ociTypes() {
    return compression.ociMediaTypes();
  }

  /// The compression that attributes ask for, which are taken out.
  ///
  /// @throws InvalidRequest an attribute's value is wrong
  public static LayerCompression compression(Map<String, String> rest, boolean oci) {
    Kind kind =
        switch (Optional.ofNullable(rest.remove("compression")).orElse("gzip")) {
          case "uncompressed" -> Kind.UNCOMPRESSED;
          case "gzip" -> Kind.GZIP;
          case "estargz" -> Kind.ESTARGZ;
          case "zstd" -> Kind.ZSTD;
          case String other ->
              throw new InvalidRequest("unsupported layer compression type " + other);
        };
    boolean force =
        Optional.ofNullable(rest.remove("force-compression"))
            .map(value -> GoValues.flag("force-compression", value))
            .orElse(false);
    Optional<Integer> level =
        Optional.ofNullable(rest.remove("compression-level")).map(ImageOptions::level);
    return new LayerCompression(kind, level, force, oci);
  }

  private static int level(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException bad) {
      throw new InvalidRequest(
          "non-integer value " + text + " specified for compression-level", bad);
    }
  }
}
