package dev.slipway.session;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.FailureKind;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Optional;

/// What a client answered, as a failure of ours.
final class ClientFailures {
  private static final int MAX_TEXT = 4096;

  private ClientFailures() {}

  static BuildFailure of(StatusRuntimeException thrown, String doing) {
    Metadata trailers = thrown.getTrailers();
    return of(thrown.getStatus(), trailers == null ? new Metadata() : trailers, doing);
  }

  static BuildFailure of(Status status, Metadata trailers, String doing) {
    String text = status.getDescription() == null ? status.getCode().name().toLowerCase(java.util.Locale.ROOT) : status.getDescription();
    String bounded = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "…" : text;
    return BuildFailure.of(kind(status.getCode()), doing + ": " + bounded, Optional.of(status.asRuntimeException(trailers)), List.of());
  }

  private static FailureKind kind(Status.Code code) {
    return switch (code) {
      case CANCELLED -> FailureKind.CANCELLED;
      case INVALID_ARGUMENT, OUT_OF_RANGE -> FailureKind.INVALID_REQUEST;
      case DEADLINE_EXCEEDED -> FailureKind.TIMED_OUT;
      case NOT_FOUND -> FailureKind.NOT_FOUND;
      case ALREADY_EXISTS -> FailureKind.ALREADY_EXISTS;
      case PERMISSION_DENIED -> FailureKind.DENIED;
      case UNAUTHENTICATED -> FailureKind.UNAUTHENTICATED;
      case RESOURCE_EXHAUSTED -> FailureKind.EXHAUSTED;
      case ABORTED -> FailureKind.CONFLICT;
      case UNIMPLEMENTED -> FailureKind.UNSUPPORTED;
      case DATA_LOSS -> FailureKind.CORRUPT_DATA;
      case UNAVAILABLE -> FailureKind.UNAVAILABLE;
      // Clients answer plain errors with these; what the caller can do is fix its side.
      case OK, UNKNOWN, INTERNAL, FAILED_PRECONDITION -> FailureKind.WRONG_STATE;
    };
  }
}
