package dev.slipway.image;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.ImageConfig;
import dev.slipway.oci.Manifest;
import dev.slipway.oci.json.OciJson;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.ref.RefStore.LayerSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An image for one platform. Immutable.
public final class ResolvedImage {
  private final Descriptor root;
  private final Manifest content;
  private final byte[] config;
  private final LayerOrigin layerOrigin;

  ResolvedImage(Descriptor root, Manifest content, byte[] config, LayerOrigin layerOrigin) {
    this.root = root;
    this.content = content;
    this.config = config.clone();
    this.layerOrigin = layerOrigin;
  }

  /// What the name points at: index or manifest.
  public Descriptor root() {
    return root;
  }

  /// Exact bytes of the image config.
  public byte[] config() {
    return config.clone();
  }

  /// Its layers, base layer first.
  ///
  /// @param name for the description
  /// @param limit only so many
  /// @throws InvalidRequest config and manifest disagree, or the limit is greater than the number
  ///   of layers
  public List<LayerSource> layers(String name, Optional<Integer> limit) {
    ImageConfig image = OciJson.config(config);
    if (image.diffIds().size() != content.layers().size()) {
      throw new InvalidRequest(
          "mismatched image rootfs and manifest layers "
              + image.diffIds()
              + " "
              + content.layers().stream().map(Descriptor::digest).toList());
    }
    int count = limit.orElse(content.layers().size());
    if (count > content.layers().size()) {
      throw new InvalidRequest(
          "layer limit "
              + count
              + " is greater than the number of layers in the image "
              + content.layers().size());
    }
    List<LayerSource> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Descriptor blob = content.layers().get(i);
      Map<String, String> annotations = new LinkedHashMap<>(blob.annotations());
      annotations.put(Descriptor.UNCOMPRESSED, image.diffIds().get(i).toString());
      layers.add(
          new LayerSource(
              blob.withAnnotations(annotations),
              image.diffIds().get(i),
              Optional.of(layerOrigin),
              "pulled from " + name));
    }
    return layers;
  }
}
