/// Caches in directories of clients, reached through their sessions.
@NullMarked
package dev.slipway.remotecache.local;

import org.jspecify.annotations.NullMarked;
