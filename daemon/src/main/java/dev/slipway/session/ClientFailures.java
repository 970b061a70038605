package dev.slipway.session;

import dev.slipway.failure.BuildFailure;
import dev.slipway.wire.FailureCodec;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/// What a client answered, as a failure of ours that says what was being done.
final class ClientFailures {
  private ClientFailures() {}

  static BuildFailure of(StatusRuntimeException thrown, String doing) {
    return FailureCodec.decode(thrown).in(doing);
  }

  static BuildFailure of(Status status, Metadata trailers, String doing) {
    return of(status.asRuntimeException(trailers), doing);
  }
}
