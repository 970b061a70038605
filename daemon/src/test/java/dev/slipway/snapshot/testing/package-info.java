/// What every snapshotter must do: [SnapshotterContract].
@NullMarked
package dev.slipway.snapshot.testing;

import org.jspecify.annotations.NullMarked;
