/// Runs build steps under an OCI runtime, as a process of its own per step.
///
/// Start at [RuncExecutor]; [RuntimeSpec] is what the runtime is told (OCI runtime-spec 1.0),
/// [OciRuntime] which program it is. The rest prepares single pieces of a container: [UserLookup],
/// [NetworkFiles], [MountStubs], [SeccompProfile], [Capabilities].
///
/// Defaults follow BuildKit's `executor/oci` (v0.32): a step sees the same mounts, devices,
/// capabilities, masked paths and files there and here. Thread-safe; each run works on the calling
/// thread plus the pumps of its streams.
@NullMarked
package dev.slipway.workernative.runtime;

import org.jspecify.annotations.NullMarked;
