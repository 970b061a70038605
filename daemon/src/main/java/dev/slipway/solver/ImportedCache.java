package dev.slipway.solver;

import dev.slipway.solver.cachekey.CacheKeyView;

/// A cache that others made, to be looked into on behalf of a job. What is found there is kept in
/// the daemon's own stores from then on.
///
/// @param id caches of equal ids are the same one
/// @param keys may fetch when first asked, and so block on a network; trouble looks like a cache
///   that knows nothing
/// @param results only read: it saves nothing. Its ids are told from those of every other store
/// @param trouble what comes of results of it that turn out to be lost
public record ImportedCache<R extends Result>(
    String id, CacheKeyView keys, ResultStore<R> results, Trouble trouble) {
  public ImportedCache(String id, CacheKeyView keys, ResultStore<R> results) {
    this(id, keys, results, Trouble.COSTS_STEPS);
  }

  /// What trouble with a cache leads to.
  public enum Trouble {
    /// Steps run again.
    COSTS_STEPS,
    /// Builds that relied on it fail.
    FAILS_BUILDS
  }
}
