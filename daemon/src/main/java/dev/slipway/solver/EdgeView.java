package dev.slipway.solver;

import java.util.List;

/// What an edge shows to those that depend on it.
///
/// @param keys by which it may be identified; more may come until the level is RESULT
/// @param forced it ran, or will, only because it was told to ignore the cache (or something it is
///   made of was): nothing may be looked up through its keys
record EdgeView(Level reached, List<CacheKey> keys, boolean forced) {
  static final EdgeView NOTHING = new EdgeView(Level.NONE, List.of(), false);

  EdgeView {
    keys = List.copyOf(keys);
  }

  EdgeView atLeast(Level level) {
    return reached.reaches(level) ? this : new EdgeView(level, keys, forced);
  }

  boolean isForced() {
    return forced;
  }
}
