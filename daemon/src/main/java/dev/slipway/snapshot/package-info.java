/// The `Snapshotter` contract and mount descriptions (data, not mounting).
///
/// A snapshot is a state of a file tree. It is *active* while something writes into it, *committed*
/// when it can no longer change, or a *view*: a read-only look at a committed one that holds
/// resources until removed. A committed snapshot is described by its own layer directory (what it
/// changes) on top of its parents' (what it changes it on), which is why layers of one image can be
/// unpacked in parallel, each into its own directory, and stacked afterwards, and why a merge is a
/// stack of other snapshots' layers.
///
/// Start at [Snapshotter], [Mount]. Implementations live in workers and pass `SnapshotterContract`
/// (test-jar).
@NullMarked
package dev.slipway.snapshot;

import org.jspecify.annotations.NullMarked;
