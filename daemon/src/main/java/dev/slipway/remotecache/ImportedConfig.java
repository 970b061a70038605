package dev.slipway.remotecache;

import dev.slipway.oci.Digest;
import java.util.Map;

/// A cache as it was found somewhere.
///
/// @param layers by blob digest: those that are still there; results made of others are passed over
public record ImportedConfig(CacheConfig config, Map<Digest, CachedLayer> layers) {
  public ImportedConfig {
    layers = Map.copyOf(layers);
  }
}
