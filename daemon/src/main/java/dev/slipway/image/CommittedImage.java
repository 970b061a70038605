package dev.slipway.image;

import dev.slipway.image.ImageInput.PlatformImage;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An image that lies in the content store.
///
/// @param root manifest, or index of several
/// @param config of a single image
public record CommittedImage(Descriptor root, Optional<Digest> config, List<One> images) {
  public CommittedImage {
    images = List.copyOf(images);
  }

  /// @param layers as in the manifest, base layer first
  public record One(
      PlatformImage image, Descriptor manifest, Descriptor config, List<Descriptor> layers) {
    public One {
      layers = List.copyOf(layers);
    }
  }

  public CommittedImage withRoot(Descriptor other) {
    return new CommittedImage(other, config, images);
  }

  /// What clients are told of it.
  public Map<String, String> response() {
    Map<String, String> response = new HashMap<>();
    response.put("containerimage.digest", root.digest().toString());
    config.ifPresent(digest -> response.put("containerimage.config.digest", digest.toString()));
    response.put(
        "containerimage.descriptor",
        Base64.getEncoder().encodeToString(GoJson.compact(OciJson.tree(root))));
    return response;
  }
}
