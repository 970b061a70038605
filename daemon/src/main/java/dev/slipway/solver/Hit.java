package dev.slipway.solver;

import dev.slipway.solver.cachekey.KeyResult;

/// A result in the cache that is an edge's.
record Hit(CacheKey key, KeyResult result) {}
