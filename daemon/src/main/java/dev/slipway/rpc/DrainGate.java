package dev.slipway.rpc;

import dev.slipway.failure.Unavailable;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Set;

/// Refuses new builds once the daemon drains; everything that running builds need still passes.
/// Thread-safe.
final class DrainGate implements ServerInterceptor {
  private static final Set<String> STARTS_WORK = Set.of("moby.buildkit.v1.Control/Solve");

  private volatile boolean draining;

  void drain() {
    draining = true;
  }

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    if (draining && STARTS_WORK.contains(call.getMethodDescriptor().getFullMethodName())) {
      throw new Unavailable(
          "the daemon is draining: it finishes running builds and takes no new ones");
    }
    return next.startCall(call, headers);
  }
}
