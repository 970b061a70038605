/// The gRPC Control service: translate the request, call, translate the answer. No decisions of its
/// own.
///
/// Start at [ControlService]; [StatusEncoder] writes progress as clients expect it.
@NullMarked
package dev.slipway.control;

import org.jspecify.annotations.NullMarked;
