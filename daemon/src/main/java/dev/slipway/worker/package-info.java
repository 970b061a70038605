/// The `Worker` contract, how workers are found, and how one is chosen by platform.
///
/// Workers are plug-ins in the daemon's process, found by [java.util.ServiceLoader] as
/// [WorkerProvider]. The contract (this package with `executor`, `snapshot`, `kernel`) speaks in
/// plain values only, so that a worker on another machine can be one more implementation.
///
/// Start at [Worker], [Workers].
@NullMarked
package dev.slipway.worker;

import org.jspecify.annotations.NullMarked;
