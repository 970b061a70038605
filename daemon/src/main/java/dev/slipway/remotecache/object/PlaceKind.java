package dev.slipway.remotecache.object;

import dev.slipway.ref.FetchContext;
import java.util.Map;

/// A kind of store that caches can lie in. Thread-safe.
public interface PlaceKind {
  /// BuildKit's name of it: `s3`, `azblob`, `gha`.
  String type();

  /// Shown as the vertex's name: `exporting cache to Amazon S3`.
  String exportName();

  /// What the attributes mean; contacts nobody.
  ///
  /// @throws dev.slipway.failure.InvalidRequest one is missing or its value is wrong
  Door door(Map<String, String> attributes);

  /// A place that nobody has gone to yet.
  @FunctionalInterface
  interface Door {
    /// Finds credentials; may ask for them over the network.
    ///
    /// @param context shows what is done there
    ObjectPlace open(FetchContext context);
  }
}
