package dev.slipway.llbsolver;

import dev.slipway.oci.Digest;
import dev.slipway.ref.FetchContext;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.LayerChain;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Which layers that were imported can still be fetched; each is asked for once, unless there is
/// reason to doubt the answer. Thread-safe.
final class StillThere {
  private final List<CacheBackend> backends;
  private final FetchContext context;
  private final Map<Digest, Boolean> known = new ConcurrentHashMap<>();

  StillThere(List<CacheBackend> backends, FetchContext context) {
    this.backends = List.copyOf(backends);
    this.context = context;
  }

  boolean hasAll(LayerChain chain) {
    return chain.layers().stream().allMatch(this::has);
  }

  /// Something of it turned out to be gone: all of it is asked for again.
  void doubt(LayerChain chain) {
    chain.layers().forEach(layer -> known.remove(layer.blob().digest()));
  }

  private boolean has(CachedLayer layer) {
    Boolean before = known.get(layer.blob().digest());
    if (before != null) {
      return before;
    }
    boolean there = backends.stream().allMatch(backend -> backend.has(layer, context));
    known.put(layer.blob().digest(), there);
    return there;
  }
}
