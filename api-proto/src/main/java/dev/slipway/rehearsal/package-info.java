/// How a daemon has somebody build with it when nobody does, so that its own code is warm for those
/// who come.
///
/// Start at [RehearsalClient], which stands between a daemon and whoever knows how clients build.
/// Knows paths and texts only.
@NullMarked
package dev.slipway.rehearsal;

import org.jspecify.annotations.NullMarked;
