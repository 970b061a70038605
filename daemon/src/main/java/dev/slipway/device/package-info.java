/// Devices that steps may be given, as the Container Device Interface describes them (CDI
/// specification v0.8, `https://github.com/cncf-tags/container-device-interface`).
///
/// Start at [DeviceRegistry]. Reads specification files, which are the operator's, anew each time
/// they are asked for: vendors' tools write them while the daemon runs. Knows `executor`, whose
/// plain values say what a device changes about a container; who may have a device is decided in
/// `llbsolver`. Thread-safe.
@NullMarked
package dev.slipway.device;

import org.jspecify.annotations.NullMarked;
