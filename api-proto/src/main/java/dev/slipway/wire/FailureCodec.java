package dev.slipway.wire;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.failure.FailureKind;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Translates failures to statuses and back: the kind to the code, the facts to typed details (surface reference 1.8). Both ends of the
/// wire use it, so what one side threw is what the other side catches. Pure.
public final class FailureCodec {
  /// What a status message may hold; more is cut.
  private static final int LONGEST_MESSAGE = 64 << 10;

  private FailureCodec() {}

  /// The status as a message, facts from the outermost in.
  public static Status encode(BuildFailure failure) {
    Status.Builder status = Status.newBuilder().setCode(code(failure.kind()).value()).setMessage(clip(failure.text()));
    failure.facts().reversed().stream()
        .map(FactCodec::encode)
        .flatMap(Optional::stream)
        .forEach(status::addDetails);
    return status.build();
  }

  /// The status as gRPC throws it, details in the trailers.
  public static StatusRuntimeException toException(BuildFailure failure) {
    return StatusProto.toStatusRuntimeException(encode(failure));
  }

  public static BuildFailure decode(Status status) {
    List<Fact> facts = new ArrayList<>();
    for (Any detail : status.getDetailsList().reversed()) {
      FactCodec.decode(detail).ifPresent(facts::add);
    }
    Code code = io.grpc.Status.fromCodeValue(status.getCode()).getCode();
    return BuildFailure.of(kind(code, facts), clip(status.getMessage()), Optional.empty(), facts);
  }

  /// What a call failed with.
  ///
  /// @param exception as gRPC threw it
  public static BuildFailure decode(StatusRuntimeException exception) {
    Optional<Status> detailed = detailed(exception);
    if (detailed.isPresent() && detailed.get().getDetailsCount() > 0) {
      return decode(detailed.get());
    }
    io.grpc.Status status = exception.getStatus();
    String message = Optional.ofNullable(status.getDescription()).orElse(status.getCode().name());
    return BuildFailure.of(kind(status.getCode(), List.of()), clip(message), Optional.of(exception), List.of());
  }

  private static Optional<Status> detailed(StatusRuntimeException exception) {
    Metadata trailers = exception.getTrailers();
    if (trailers == null) {
      return Optional.empty();
    }
    byte[] bytes = trailers.get(Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER));
    if (bytes == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Status.parseFrom(bytes));
    } catch (InvalidProtocolBufferException _) {
      // details are an extra: the status itself still says what happened
      return Optional.empty();
    }
  }

  private static Code code(FailureKind kind) {
    return switch (kind) {
      case INVALID_REQUEST -> Code.INVALID_ARGUMENT;
      case NOT_FOUND -> Code.NOT_FOUND;
      case ALREADY_EXISTS -> Code.ALREADY_EXISTS;
      case DENIED -> Code.PERMISSION_DENIED;
      case UNAUTHENTICATED -> Code.UNAUTHENTICATED;
      case WRONG_STATE -> Code.FAILED_PRECONDITION;
      case CONFLICT -> Code.ABORTED;
      case EXHAUSTED -> Code.RESOURCE_EXHAUSTED;
      case UNAVAILABLE -> Code.UNAVAILABLE;
      case UNSUPPORTED -> Code.UNIMPLEMENTED;
      case CANCELLED -> Code.CANCELLED;
      case TIMED_OUT -> Code.DEADLINE_EXCEEDED;
      case PROCESS_FAILED -> Code.UNKNOWN;
      case CORRUPT_DATA -> Code.DATA_LOSS;
    };
  }

  /// BuildKit answers most failures with `UNKNOWN`; one that carries an exit code is a process that failed.
  private static FailureKind kind(Code code, List<Fact> facts) {
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> FailureKind.INVALID_REQUEST;
      case NOT_FOUND -> FailureKind.NOT_FOUND;
      case ALREADY_EXISTS -> FailureKind.ALREADY_EXISTS;
      case PERMISSION_DENIED -> FailureKind.DENIED;
      case UNAUTHENTICATED -> FailureKind.UNAUTHENTICATED;
      case FAILED_PRECONDITION -> FailureKind.WRONG_STATE;
      case ABORTED -> FailureKind.CONFLICT;
      case RESOURCE_EXHAUSTED -> FailureKind.EXHAUSTED;
      case UNAVAILABLE -> FailureKind.UNAVAILABLE;
      case UNIMPLEMENTED -> FailureKind.UNSUPPORTED;
      case CANCELLED -> FailureKind.CANCELLED;
      case DEADLINE_EXCEEDED -> FailureKind.TIMED_OUT;
      case DATA_LOSS -> FailureKind.CORRUPT_DATA;
      case OK, UNKNOWN, INTERNAL ->
          facts.stream().anyMatch(Fact.ExitedWith.class::isInstance)
              ? FailureKind.PROCESS_FAILED
              : FailureKind.WRONG_STATE;
    };
  }

  private static String clip(String text) {
    return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE) + "…";
  }
}
