package dev.slipway.solver;

import dev.slipway.solver.cachekey.CacheKeyView;

/// All that a job's vertices can find in the cache: the daemon's own and what was imported for it.
/// To be read by those who export it.
public record CacheContents<R extends Result>(CacheKeyView keys, ResultStore<R> results) {}
