/// Networks for steps that CNI plug-ins set up, as the operator's configuration says.
///
/// Start at [NetworkChoice], which decides what kind of network steps get; [NetworkPool] makes,
/// keeps and ends network namespaces, [CniNetwork] has the plug-ins of a [CniConfig] work on one.
///
/// The contract with plug-ins is the CNI specification (containernetworking/cni, `SPEC.md` 1.0.0):
/// a program per plug-in, told what to do by `CNI_…` variables and JSON on standard input. What
/// BuildKit does with it is in its `util/network/cniprovider` (v0.32.2): names of interfaces, the
/// loopback device, the pool. Loopback is brought up by the kernel's own means here, so no plug-in
/// is needed for it.
///
/// Thread-safe; plug-ins run on the calling thread, or on the pool's own for what is made ahead.
@NullMarked
package dev.slipway.workernative.cni;

import org.jspecify.annotations.NullMarked;
