/// Caches in Azure's Blob Storage, as BuildKit v0.32.2 lays them out (`cache/remotecache/azblob`).
///
/// Start at [AzureKind]. [AzureSettings] is what the attributes say, [AzurePlace] a container,
/// [AzureSharedKey] signs with an account's key, [AzureTokens] gets tokens from the daemon's
/// surroundings where the attributes bring no key. A URL that carries a shared access signature is
/// used as it is.
@NullMarked
package dev.slipway.remotecache.azblob;

import org.jspecify.annotations.NullMarked;
