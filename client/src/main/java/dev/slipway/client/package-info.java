/// The programs `slipway` and `buildctl`, and the Java client library under them.
///
/// Start at [Slipway] for the programs, at `connect.DaemonConnection` and `build.ClientBuild` for
/// the library.
@NullMarked
package dev.slipway.client;

import org.jspecify.annotations.NullMarked;
