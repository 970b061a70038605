/// Caches in registries.
@NullMarked
package dev.slipway.remotecache.registry;

import org.jspecify.annotations.NullMarked;
