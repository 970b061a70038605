/// Mounts as things to close: [KernelMounter] makes the daemon's own
/// [dev.slipway.snapshot.Mounter.MountedTree]s below one directory and clears away what a crashed
/// daemon left mounted there. Thread-safe.
@NullMarked
package dev.slipway.workernative.mount;

import org.jspecify.annotations.NullMarked;
