package dev.slipway.remotecache;

import dev.slipway.layer.LayerCompression;
import dev.slipway.ref.FetchContext;
import java.util.List;
import java.util.Map;

/// A kind of place where caches lie. Thread-safe.
public interface CacheBackend {
  /// BuildKit's name of it: `registry`, `local`, …
  String type();

  /// Takes up one export of a build; checks attributes, contacts nobody.
  ///
  /// @throws dev.slipway.failure.InvalidRequest an attribute's value is wrong
  Target target(Map<String, String> attributes);

  /// Takes up one import of a build, in the same way.
  Origin origin(Map<String, String> attributes);

  /// Whether a layer that came from a place of this kind is still there. True for layers from
  /// elsewhere, and where asking would cost as much as fetching.
  default boolean has(CachedLayer layer, FetchContext context) {
    return true;
  }

  /// Where a cache is written to.
  interface Target {
    /// Shown as the vertex's name: `exporting cache to registry`.
    String name();

    LayerCompression compression();

    /// Writes it, layers that are there already left out; the table last, so that a cache that can
    /// be found is complete.
    ///
    /// @return response metadata (`cache.manifest`)
    Map<String, String> write(ExportedCache cache, FetchContext context);
  }

  /// Where a cache is read from.
  interface Origin {
    /// Reads the tables that are there; layers are left where they are.
    List<ImportedConfig> read(FetchContext context);
  }
}
