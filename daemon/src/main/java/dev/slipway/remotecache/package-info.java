/// Caches that outlive this daemon: what is written of a build so that another daemon need not do
/// it again, and how such a cache is looked into. Interoperable with BuildKit v0.32.2 both ways.
///
/// A cache is a [CacheConfig] (which keys there are, how they lead to each other, which layers
/// their results are made of) and the layers. [KeyExport] makes one from a build's keys,
/// [ImportedKeys] looks into one. Where it lies is the matter of a [CacheBackend]; its sub-packages
/// are the kinds.
@NullMarked
package dev.slipway.remotecache;

import org.jspecify.annotations.NullMarked;
