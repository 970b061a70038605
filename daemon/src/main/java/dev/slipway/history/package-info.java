/// Finished builds: what was asked, how it ended, what it said and made; and those still running.
///
/// A build that starts gets a [BuildRecording]; ending that writes its log, its error and its
/// record, in this order, so that a record never names a blob that is not there. A record keeps its
/// blobs: its own (log, error, attestations) and the manifests and configs of what was exported,
/// but no layers. What was running when the daemon died leaves nothing behind.
///
/// Start at [BuildHistory], [BuildRecord]. Blocking; thread-safe. Nothing here knows the wire:
/// messages of a log are bytes, made by whoever wires the daemon.
@NullMarked
package dev.slipway.history;

import org.jspecify.annotations.NullMarked;
