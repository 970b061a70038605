package dev.slipway.wire;

import com.google.rpc.Status;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.failure.FailureKind;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Translates failures at the door, both ways.
///
/// On the wire the details come outermost first, in a failure the facts innermost first. A code
/// that no kind of ours stands for is taken as `UNKNOWN`, which is what BuildKit gives nearly every
/// failure of a build, and what [FailureKind#PROCESS_FAILED] becomes.
public final class FailureCodec {
  private static final int MAX_MESSAGE = 64 * 1024;
  private static final int MAX_DETAILS = 64;

  private FailureCodec() {}

  /// As an exception for gRPC, details in its trailers.
  public static StatusRuntimeException toException(BuildFailure failure) {
    return StatusProto.toStatusRuntimeException(encode(failure));
  }

  /// As the message that other messages carry.
  public static Status encode(BuildFailure failure) {
    Status.Builder status =
        Status.newBuilder().setCode(code(failure).value()).setMessage(clip(failure.text()));
    for (Fact fact : failure.facts().reversed()) {
      status.addDetails(FactDetails.encode(fact));
    }
    return status.build();
  }

  /// What is told of a bug: nothing but where to look for it.
  ///
  /// @param id under which it was logged
  public static StatusRuntimeException ofBug(String id) {
    return io.grpc.Status.INTERNAL.withDescription("internal error " + id).asRuntimeException();
  }

  /// The failure that a peer reported.
  ///
  /// @param thrown a status exception of gRPC, or anything caused by one
  public static BuildFailure decode(Throwable thrown) {
    Status status = StatusProto.fromThrowable(thrown);
    if (status != null) {
      return decode(status, Optional.of(thrown));
    }
    io.grpc.Status plain = io.grpc.Status.fromThrowable(thrown);
    String text = plain.getDescription();
    Status made =
        Status.newBuilder()
            .setCode(plain.getCode().value())
            .setMessage(text == null ? plain.getCode().name() : text)
            .build();
    return decode(made, Optional.of(thrown));
  }

  /// The failure in a message.
  public static BuildFailure decode(Status status) {
    return decode(status, Optional.empty());
  }

  private static BuildFailure decode(Status status, Optional<Throwable> cause) {
    List<Fact> facts = new ArrayList<>();
    status.getDetailsList().stream()
        .limit(MAX_DETAILS)
        .forEach(detail -> facts.addFirst(FactDetails.decode(detail)));
    String message = status.getMessage();
    Code code = io.grpc.Status.fromCodeValue(status.getCode()).getCode();
    return BuildFailure.of(
        kind(code), clip(message.isEmpty() ? code.name() : message), cause, facts);
  }

  /// What a build's step does not find is no matter of the request, to which a code belongs:
  /// clients would put `NotFound` before a message about a file.
  private static Code code(BuildFailure failure) {
    boolean inStep = failure.fact(Fact.AtVertex.class).isPresent();
    return inStep && failure.kind() == FailureKind.NOT_FOUND ? Code.UNKNOWN : code(failure.kind());
  }

  /// The code for each kind.
  public static Code code(FailureKind kind) {
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

  private static FailureKind kind(Code code) {
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
      case OK, UNKNOWN, INTERNAL -> FailureKind.PROCESS_FAILED;
    };
  }

  private static String clip(String text) {
    return text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) + "…" : text;
  }
}
