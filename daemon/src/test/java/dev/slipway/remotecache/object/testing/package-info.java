/// Stores of objects over real HTTP, in memory, as far as caches use them.
@org.jspecify.annotations.NullMarked
package dev.slipway.remotecache.object.testing;
