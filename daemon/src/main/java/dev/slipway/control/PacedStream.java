package dev.slipway.control;

import dev.slipway.failure.Cancelled;
import dev.slipway.task.Interruption;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/// Sends a stream of messages as fast as the caller reads them and no faster: [#send] blocks while
/// the call's buffer is full. Confined to the handler's thread, which gRPC's callbacks wake: they
/// run on another, see `rpc.RequestThreads`.
final class PacedStream<A> {
  private final ServerCallStreamObserver<A> call;
  private final Object changed = new Object();

  /// Must be made before the handler returns, on the handler's thread.
  static <A> PacedStream<A> over(StreamObserver<A> answers) {
    PacedStream<A> stream = new PacedStream<>((ServerCallStreamObserver<A>) answers);
    stream.call.setOnReadyHandler(stream::wake);
    stream.call.setOnCancelHandler(stream::wake);
    return stream;
  }

  private PacedStream(ServerCallStreamObserver<A> call) {
    this.call = call;
  }

  /// @throws Cancelled the caller has gone
  void send(A message) {
    synchronized (changed) {
      while (!call.isReady() && !call.isCancelled()) {
        try {
          changed.wait();
        } catch (InterruptedException interrupted) {
          throw Interruption.cancelled(interrupted);
        }
      }
    }
    if (call.isCancelled()) {
      throw new Cancelled("context canceled");
    }
    call.onNext(message);
  }

  void end() {
    if (!call.isCancelled()) {
      call.onCompleted();
    }
  }

  private void wake() {
    synchronized (changed) {
      changed.notifyAll();
    }
  }
}
