package dev.slipway.ref;

import dev.slipway.oci.Descriptor;

/// Brings a layer's blob into the content store.
@FunctionalInterface
public interface LayerFetcher {
  /// Blocks until the blob is committed; returns at once when it is there. Joins concurrent fetches
  /// of the same blob.
  ///
  /// @throws dev.slipway.failure.BuildFailure what the origin answered
  void fetch(Descriptor blob, LayerOrigin origin, FetchContext context);
}
