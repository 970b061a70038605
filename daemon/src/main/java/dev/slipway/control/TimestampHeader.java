package dev.slipway.control;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.task.Clock;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Set;

/// Tells clients this machine's time, at once and even when nothing follows, where they compute how
/// long running builds have taken: in the headers of Status and ListenBuildHistory. Thread-safe.
public final class TimestampHeader implements ServerInterceptor {
  private static final Metadata.Key<String> NOW =
      Metadata.Key.of("buildkit-current-timestamp", Metadata.ASCII_STRING_MARSHALLER);
  private static final Set<String> METHODS =
      Set.of(
          ControlGrpc.getStatusMethod().getFullMethodName(),
          ControlGrpc.getListenBuildHistoryMethod().getFullMethodName());

  private final Clock clock;

  public TimestampHeader(Clock clock) {
    this.clock = clock;
  }

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    if (!METHODS.contains(call.getMethodDescriptor().getFullMethodName())) {
      return next.startCall(call, headers);
    }
    Metadata answer = new Metadata();
    answer.put(NOW, clock.now().toString());
    call.sendHeaders(answer);
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void sendHeaders(Metadata sentAlready) {
            // The only headers there are went out when the call began.
          }
        },
        headers);
  }
}
