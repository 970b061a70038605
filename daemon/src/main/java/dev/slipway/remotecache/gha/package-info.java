/// Caches in the cache service of GitHub Actions, version 1 (`artifactcache`) and version 2
/// (`results-receiver`), as BuildKit v0.32.2 uses it (`cache/remotecache/gha`, go-actions-cache).
///
/// An entry of the service never changes once it is written, is found by the start of its key, and
/// belongs to a branch: the token says which branches may be read and written. So a layer is an
/// entry named by its digest, and a table, which does change, a row of entries with growing numbers
/// of which the newest counts.
///
/// Start at [GhaKind]. [GhaSettings] is what the attributes say, [GhaToken] what the token says,
/// [GhaPlace] the rules above, [CacheService] the two protocols, [GhaSigning] what the operator
/// wants to have signed.
@NullMarked
package dev.slipway.remotecache.gha;

import org.jspecify.annotations.NullMarked;
