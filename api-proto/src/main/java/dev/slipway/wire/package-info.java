/// Failures over the wire: a [dev.slipway.failure.BuildFailure] as a gRPC status with BuildKit's
/// typed details, and back.
///
/// Start at [FailureCodec]. The daemon's interceptor and the client's calls use it; handlers never
/// touch a status themselves. No I/O, no threads.
///
/// Details are JSON inside `google.protobuf.Any` (surface: `util/grpcerrors`, `solver/errdefs`,
/// v0.32.2), in the trailer `grpc-status-details-bin`.
@NullMarked
package dev.slipway.wire;

import org.jspecify.annotations.NullMarked;
