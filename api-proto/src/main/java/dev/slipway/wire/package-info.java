/// Failures on the wire: a `BuildFailure` as a gRPC status with BuildKit's typed details, and back.
///
/// Start at [FailureCodec]. Pure.
@NullMarked
package dev.slipway.wire;

import org.jspecify.annotations.NullMarked;
