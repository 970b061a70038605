package dev.slipway.image;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.ChainId;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageConfig;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// BuildKit's cache keys of images (`source/containerimage/pull.go`, v0.32.2).
public final class ImageKeys {
  private ImageKeys() {}

  /// The first key: what the name points at, for a platform.
  public static String manifestKey(
      Descriptor root, Platform platform, Optional<Integer> layerLimit) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("Digest", root.digest().toString());
    json.put("OS", platform.os());
    json.put("Arch", platform.architecture());
    if (!platform.variant().isEmpty()) {
      json.put("Variant", platform.variant());
    }
    if (!platform.osVersion().isEmpty()) {
      json.put("OSVersion", platform.osVersion());
    }
    if (!platform.osFeatures().isEmpty()) {
      json.put("OSFeatures", platform.osFeatures());
    }
    layerLimit.ifPresent(limit -> json.put("Limit", limit));
    return Digest.ofBytes(GoJson.compact(json)).toString();
  }

  /// The second key: the chain of layers, so that the same files under another name or config are
  /// the same.
  ///
  /// @return empty for an image without layers
  public static Optional<String> chainKey(byte[] config, Optional<Integer> layerLimit) {
    ImageConfig image;
    try {
      image = OciJson.config(config);
    } catch (CorruptData unreadable) {
      if (layerLimit.isPresent()) {
        throw unreadable.in("failed to parse image config");
      }
      return Optional.of(Digest.ofBytes(config).toString());
    }
    int count = layerLimit.orElse(image.diffIds().size());
    if (count > image.diffIds().size()) {
      throw new InvalidRequest(
          "image has " + image.diffIds().size() + " layers, limit is " + count);
    }
    return image.rootfsType().equals("layers") && count > 0
        ? Optional.of(ChainId.of(image.diffIds().subList(0, count)).toString())
        : Optional.empty();
  }
}
