package dev.slipway.rpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.Executor;

/// Gives a handler that answers with a stream a thread beside the call's own.
///
/// gRPC runs the callbacks of a call one after the other. A handler that waited in one of them
/// until its caller reads on would never learn that it does.
record StreamingThreads(Executor threads) implements ServerInterceptor {
  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    ServerCall.Listener<A> listener = next.startCall(call, headers);
    if (call.getMethodDescriptor().getType() != MethodType.SERVER_STREAMING) {
      return listener;
    }
    Context context = Context.current();
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onHalfClose() {
        threads.execute(context.wrap(super::onHalfClose));
      }
    };
  }
}
