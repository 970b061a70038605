package dev.slipway.source;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.ImageKeys;
import dev.slipway.image.ImageOrigin;
import dev.slipway.image.ImageReader;
import dev.slipway.image.ResolvedImage;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore;
import dev.slipway.ref.RefStore.LayerSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// One image being used by one vertex: its two keys, then its tree. Confined to one vertex.
public final class ImageResolution implements Source.Resolution {
  private final ImageReader reader;
  private final RefStore refs;
  private final Wanted wanted;
  private final Function<FetchContext, ImageOrigin> origin;
  private Optional<ResolvedImage> resolved = Optional.empty();

  /// @param name as shown: the source's reference
  /// @param checksum the root must have it
  public record Wanted(
      String name,
      Platform platform,
      Optional<Integer> layerLimit,
      Optional<Digest> checksum,
      RefDescription.RecordType recordType) {}

  public ImageResolution(
      ImageReader reader,
      RefStore refs,
      Wanted wanted,
      Function<FetchContext, ImageOrigin> origin) {
    this.reader = reader;
    this.refs = refs;
    this.wanted = wanted;
    this.origin = origin;
  }

  @Override
  public Source.Key key(int number, FetchContext context) {
    ResolvedImage image = image(context);
    String manifestKey = ImageKeys.manifestKey(image.root(), wanted.platform, wanted.layerLimit);
    String text =
        number == 0
            ? manifestKey
            : ImageKeys.chainKey(image.config(), wanted.layerLimit).orElse(manifestKey);
    return new Source.Key(text, Optional.of(image.root().digest().toString()), number > 0);
  }

  @Override
  public Optional<ImmutableRef> open(FetchContext context) {
    List<LayerSource> layers = image(context).layers(wanted.name, wanted.layerLimit);
    return layers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            refs.ofLayers(
                layers, new RefDescription("pulled from " + wanted.name, wanted.recordType)));
  }

  private ResolvedImage image(FetchContext context) {
    if (resolved.isEmpty()) {
      resolved = Optional.of(resolve(context));
    }
    return resolved.get();
  }

  private ResolvedImage resolve(FetchContext context) {
    try (VertexProgress.Item _ = context.progress().start("resolve " + wanted.name)) {
      ImageOrigin from = origin.apply(context);
      Descriptor root = from.resolve();
      ResolvedImage image = reader.read(from, root, wanted.platform);
      if (wanted.checksum.isPresent() && !wanted.checksum.get().equals(root.digest())) {
        throw new InvalidRequest(
            "image digest "
                + root.digest()
                + " for "
                + wanted.name
                + " does not match expected checksum "
                + wanted.checksum.get());
      }
      image.layers(wanted.name, wanted.layerLimit);
      return image;
    }
  }
}
