/// Checksums of what a step really reads from a tree, bit for bit BuildKit's (surface reference
/// 5.6), so that caches are shared with it.
///
/// Start at [ContentHasher].
@NullMarked
package dev.slipway.contenthash;

import org.jspecify.annotations.NullMarked;
