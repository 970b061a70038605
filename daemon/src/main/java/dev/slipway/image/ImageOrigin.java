package dev.slipway.image;

import dev.slipway.oci.Descriptor;
import dev.slipway.ref.LayerOrigin;
import java.util.Map;

/// Where the documents of one image come from.
public interface ImageOrigin {
  /// What the image's name points at now: an index or a manifest.
  ///
  /// @throws dev.slipway.failure.NotFound
  Descriptor resolve();

  /// A document of at most a few megabytes.
  ///
  /// @return bytes of that digest
  byte[] fetch(Descriptor descriptor);

  /// Labels for documents kept from here.
  Map<String, String> labels();

  /// Where its layers can be fetched.
  LayerOrigin layers();
}
