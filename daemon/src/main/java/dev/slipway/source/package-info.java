/// Where vertices without inputs come from. One sub-package a kind: `image`, `ocilayout`, `local`,
/// `http`, `git`; siblings do not know each other.
///
/// Start at [Source]. Implementations block and are thread-safe.
@NullMarked
package dev.slipway.source;

import org.jspecify.annotations.NullMarked;
