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
/// @param askedOciTypes absent: the release whose defaults count decides, see [#withOciTypes]
/// @param nonDistributable whether layers keep types that say that they may not be distributed
/// @param inlineAttestations absent: the kind of exporter decides
/// @param askedArtifacts absent: the release whose defaults count decides, see [#withOciTypes]
/// @param epoch outer empty: not given, the frontend's counts; inner empty: given as empty, so none
/// @param rest attributes that mean nothing here
public record ImageOptions(
    String name,
    LayerCompression compression,
    Optional<Boolean> askedOciTypes,
    boolean nonDistributable,
    Optional<Boolean> inlineAttestations,
    Optional<Boolean> askedArtifacts,
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
    Optional<Boolean> ociTypes = taken(rest, "oci-mediatypes");
    Optional<Boolean> artifact = taken(rest, "oci-artifact");
    String epochText = rest.remove("source-date-epoch");
    Optional<Optional<Instant>> epoch =
        epochText == null
            ? Optional.empty()
            : Optional.of(GoValues.epoch("source-date-epoch", epochText));
    Optional<Boolean> inline = taken(rest, "attestation-inline");
    boolean nonDistributable = taken(rest, "prefer-nondist-layers").orElse(false);
    boolean rewrite = taken(rest, "rewrite-timestamp").orElse(false);
    LayerCompression compression = compression(rest, ociTypes.orElse(true));
    if (!ociTypes.orElse(true) && artifact.orElse(false)) {
      throw new InvalidRequest(
          "exporter option \"oci-artifact=true\" conflicts with \"oci-mediatypes=false\"");
    }
    String name = Optional.ofNullable(rest.remove("name")).orElse("");
    ImageOptions options =
        new ImageOptions(
            name,
            compression,
            ociTypes,
            nonDistributable,
            inline,
            artifact,
            epoch,
            rewrite,
            annotations,
            rest);
    if (ociTypes.isPresent()) {
      options.requireTypesFit();
    }
    return options;
  }

  /// The same with the types' family decided, where the attributes left it open.
  ///
  /// @throws InvalidRequest what is asked for does not exist in that family
  /// @param artifactsByDefault whether attestations are artifacts, in OCI's family
  public ImageOptions withOciTypes(boolean byDefault, boolean artifactsByDefault) {
    LayerCompression decided =
        new LayerCompression(
            compression.kind(),
            compression.level(),
            compression.force(),
            askedOciTypes.orElse(byDefault));
    ImageOptions options =
        new ImageOptions(
            name,
            decided,
            Optional.of(decided.ociMediaTypes()),
            nonDistributable,
            inlineAttestations,
            Optional.of(decided.ociMediaTypes() && askedArtifacts.orElse(artifactsByDefault)),
            epoch,
            rewriteTimestamp,
            annotations,
            rest);
    options.requireTypesFit();
    return options;
  }

  private void requireTypesFit() {
    if (!ociTypes() && compression.kind() == Kind.ESTARGZ) {
      throw new InvalidRequest(
          "exporter option \"compression=estargz\" conflicts with \"oci-mediatypes=false\"");
    }
  }

  private static Optional<Boolean> taken(Map<String, String> rest, String key) {
    return Optional.ofNullable(rest.remove(key)).map(value -> GoValues.bool(key, value));
  }

  /// Whether attestations are told to be artifacts about an image, rather than images themselves.
  boolean artifacts() {
    return askedArtifacts.orElse(ociTypes());
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
