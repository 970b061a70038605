package dev.slipway.rpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Where gRPC's callbacks of a call run, for a server whose own executor is the event loop that
/// received the call.
///
/// On the loop stay session tunnels, which only pass bytes on, and calls with one message of the
/// client: taking them up does not block, and their handlers get threads by [RequestThreads]. What
/// else is called handles each message as it comes, and so needs a thread from the beginning.
///
/// @param session full name of the tunnel's method
record CallbackThreads(String session, Executor threads) implements ServerCallExecutorSupplier {
  @Override
  public <A, B> @Nullable Executor getExecutor(ServerCall<A, B> call, Metadata metadata) {
    boolean staysOnLoop =
        call.getMethodDescriptor().getType().clientSendsOneMessage()
            || call.getMethodDescriptor().getFullMethodName().equals(session);
    return staysOnLoop ? null : threads;
  }
}
