package dev.slipway.remotecache;

import dev.slipway.oci.Digest;
import java.util.Map;

/// A cache to be written somewhere.
///
/// @param layers by blob digest: every layer the config speaks of
public record ExportedCache(CacheConfig config, Map<Digest, CachedLayer> layers) {
  public ExportedCache {
    layers = Map.copyOf(layers);
  }

  public boolean isEmpty() {
    return config.layers().isEmpty();
  }

  public CachedLayer layer(CacheConfig.Layer layer) {
    CachedLayer known = layers.get(layer.digest());
    if (known == null) {
      throw new IllegalStateException("missing blob " + layer.digest());
    }
    return known;
  }
}
