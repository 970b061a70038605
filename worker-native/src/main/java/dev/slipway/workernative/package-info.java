/// The native worker: runs steps for the machine's own platforms.
///
/// Start at [NativeWorkerProvider], which finds out what this machine can do and puts
/// [NativeWorker] together from the rooms below: `linux` (the kernel), `mount`, `overlay`
/// (snapshots), `runtime` (containers), `cgroup` (what they use), `cni` (their networks),
/// `platform` (what the processor runs).
@NullMarked
package dev.slipway.workernative;

import org.jspecify.annotations.NullMarked;
