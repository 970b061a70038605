/// Snapshots as directories stacked by overlayfs.
///
/// Start at [OverlaySnapshotter]. On disk, below its root:
///
/// ```
/// <name>/record      what it is: kind, own name, parents (see SnapshotRecord); written last
/// <name>/fs          the layer: what this snapshot changes on its parents
/// <name>/work        overlayfs's work directory, of active snapshots only
/// removed-<n>        being deleted
/// durable            names known to be on the disk itself, for the morning after a power cut (see DurableNames)
/// ```
///
/// Thread-safe. Uses `kernel` and `snapshot` of the contract, nothing else.
@NullMarked
package dev.slipway.workernative.overlay;

import org.jspecify.annotations.NullMarked;
