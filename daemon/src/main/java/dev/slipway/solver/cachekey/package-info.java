/// Cache keys and where they are kept: which steps lead from which keys to which, and what results
/// a key has.
///
/// The store is a graph. A key without inputs is named by what it is
/// (`sha256("<digest>@<output>")`); every other key is found by following *links* from the keys of
/// its inputs, so one key may be reached by several alternatives: by definition, by content, by
/// what another build called the same thing. That is BuildKit's model (`solver/cachekey.go`,
/// `solver/cachestorage.go`, v0.32.2), and the names of roots and the links are the same, so caches
/// written by either are found by the other.
///
/// Start at [CacheKeyStore] (the contract), [KeyRecord] (what one finished step writes) and
/// [CacheKeyView] (what a look-up asks). Forms: [InMemoryCacheKeyStore],
/// `sqlite.SqliteCacheKeyStore`, and [CombinedCacheKeys], which looks into several. All are
/// thread-safe. Nothing here knows what a result *is*: it is an id at rest.
@NullMarked
package dev.slipway.solver.cachekey;

import org.jspecify.annotations.NullMarked;
