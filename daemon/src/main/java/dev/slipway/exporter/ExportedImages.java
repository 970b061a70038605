package dev.slipway.exporter;

import dev.slipway.failure.Fact.MissingCompatibilityFeature;
import dev.slipway.failure.Unsupported;
import dev.slipway.image.ImageOptions;
import dev.slipway.layer.LayerCompression.Kind;

/// What the exporters of images have in common: how what was asked for is completed by the release
/// whose results are wanted (`exporter/containerimage`, v0.32.2).
public final class ExportedImages {
  private ExportedImages() {}

  /// Which family of media types is meant when the attributes do not say.
  public enum OciTypes {
    ALWAYS,
    /// OCI's since v0.31, Docker's before.
    BY_VERSION
  }

  /// @param type of the exporter, for words
  /// @throws Unsupported that release had no such compression
  public static ImageOptions decided(
      String type, ImageOptions asked, CompatibilityVersion version, OciTypes byDefault) {
    boolean current = version.compareTo(CompatibilityVersion.V0_31) >= 0;
    if (version == CompatibilityVersion.V0_13 && asked.compression().kind() == Kind.ZSTD) {
      String feature = type + " exporter compression=zstd";
      throw new Unsupported(
          "unsupported compatibility-version " + version.number() + " feature " + feature,
          new MissingCompatibilityFeature(version.number(), feature));
    }
    return asked.withOciTypes(byDefault == OciTypes.ALWAYS || current, current);
  }
}
