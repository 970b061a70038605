package dev.slipway.rpc;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.FailureKind;
import dev.slipway.wire.FailureCodec;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// The only place where what was thrown becomes a gRPC status. A [BuildFailure] keeps its kind and
/// its facts; anything else is a bug: it is logged once with a random id, and the caller learns
/// only that id.
///
/// Handlers throw, or give the failure to `StreamObserver.onError`; both end here.
public final class FailureInterceptor implements ServerInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger(FailureInterceptor.class);

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    TranslatedCall<A, B> translated = new TranslatedCall<>(call);
    try {
      return new GuardedListener<>(next.startCall(translated, headers), translated);
    } catch (RuntimeException | Error thrown) {
      translated.fail(thrown);
      return new ServerCall.Listener<>() {};
    }
  }

  private StatusRuntimeException translate(Throwable thrown, String method) {
    if (thrown instanceof BuildFailure failure) {
      LOG.atLevel(level(failure.kind()))
          .addKeyValue("method", method)
          .addKeyValue("kind", failure.kind())
          .log(failure.text());
      return FailureCodec.toException(failure);
    }
    String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    LOG.atError()
        .addKeyValue("method", method)
        .addKeyValue("error", id)
        .addKeyValue("caller", Caller.current())
        .setCause(thrown)
        .log("bug");
    return Status.INTERNAL.withDescription("internal error " + id).asRuntimeException();
  }

  private static Level level(FailureKind kind) {
    return switch (kind) {
      case INVALID_REQUEST,
          NOT_FOUND,
          ALREADY_EXISTS,
          UNSUPPORTED,
          CANCELLED,
          TIMED_OUT,
          PROCESS_FAILED ->
          Level.DEBUG;
      case DENIED, UNAUTHENTICATED, WRONG_STATE, CONFLICT -> Level.INFO;
      case EXHAUSTED, UNAVAILABLE -> Level.WARN;
      case CORRUPT_DATA -> Level.ERROR;
    };
  }

  /// A call that can be closed once and whose failures are translated. As confined as gRPC's own
  /// calls are.
  private final class TranslatedCall<A, B> extends SimpleForwardingServerCall<A, B> {
    private boolean closed;

    TranslatedCall(ServerCall<A, B> call) {
      super(call);
    }

    void fail(Throwable thrown) {
      if (closed || isCancelled() && thrown instanceof StatusRuntimeException) {
        if (!(thrown instanceof Cancelled)) {
          LOG.atDebug()
              .addKeyValue("method", method())
              .setCause(thrown)
              .log("failed after the call had ended");
        }
        return;
      }
      StatusRuntimeException status = translate(thrown, method());
      Metadata trailers = status.getTrailers();
      closed = true;
      super.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    private static boolean isUntranslated(Status.Code code, Throwable cause) {
      return code == Status.Code.UNKNOWN
          && !(cause instanceof StatusException)
          && !(cause instanceof StatusRuntimeException);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      Throwable cause = status.getCause();
      if (cause != null && isUntranslated(status.getCode(), cause)) {
        fail(cause);
      } else {
        closed = true;
        super.close(status, trailers);
      }
    }

    private String method() {
      return getMethodDescriptor().getFullMethodName();
    }
  }

  private static final class GuardedListener<A> extends SimpleForwardingServerCallListener<A> {
    private final FailureInterceptor.TranslatedCall<?, ?> call;

    GuardedListener(ServerCall.Listener<A> listener, FailureInterceptor.TranslatedCall<?, ?> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(A message) {
      guarded(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      guarded(super::onHalfClose);
    }

    @Override
    public void onReady() {
      guarded(super::onReady);
    }

    private void guarded(Runnable callback) {
      try {
        callback.run();
      } catch (RuntimeException | Error thrown) {
        call.fail(thrown);
      }
    }
  }
}
