package dev.slipway.rpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// Gives the handler of a request a thread, when all of the request is there.
///
/// The call's callbacks stay where they were. gRPC runs them one after the other: a handler that
/// waited in one of them until its caller reads on would never learn that it does.
record RequestThreads(Executor threads) implements ServerInterceptor {
  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    ServerCall.Listener<A> listener = next.startCall(call, headers);
    if (!call.getMethodDescriptor().getType().clientSendsOneMessage()) {
      return listener;
    }
    Context context = Context.current();
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onHalfClose() {
        try {
          threads.execute(context.wrap(super::onHalfClose));
        } catch (RejectedExecutionException stopping) {
          call.close(
              Status.UNAVAILABLE.withDescription(stopping.getMessage()).withCause(stopping),
              new Metadata());
        }
      }
    };
  }
}
