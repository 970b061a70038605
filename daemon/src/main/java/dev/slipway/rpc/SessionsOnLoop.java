package dev.slipway.rpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Lets session tunnels, which only pass bytes on, run on the event loop that received them;
/// everything else gets the server's executor.
///
/// @param method full name of the tunnel's method
record SessionsOnLoop(String method) implements ServerCallExecutorSupplier {
  @Override
  public <A, B> @Nullable Executor getExecutor(ServerCall<A, B> call, Metadata metadata) {
    return call.getMethodDescriptor().getFullMethodName().equals(method) ? Runnable::run : null;
  }
}
