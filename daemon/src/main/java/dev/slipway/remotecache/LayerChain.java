package dev.slipway.remotecache;

import java.time.Instant;
import java.util.List;

/// A cached result as layers, base first; never empty.
public record LayerChain(List<CachedLayer> layers, Instant createdAt) {
  public LayerChain {
    layers = List.copyOf(layers);
  }
}
