package dev.slipway.frontend.gateway;

import com.google.protobuf.ByteString;
import dev.slipway.api.gateway.ExecMessage;
import dev.slipway.api.gateway.FdMessage;
import dev.slipway.failure.Cancelled;
import dev.slipway.task.Interruption;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.OutputStream;

/// The answering side of an ExecProcess call: many processes speak, one message at a time, as fast
/// as the caller reads and no faster. Thread-safe.
final class ProcessAnswers {
  /// gRPC's own wake-up may be stuck behind a message of the caller that is still being handled.
  private static final long LOOK_AGAIN_MILLIS = 20;

  private final ServerCallStreamObserver<ExecMessage> call;

  /// Must be made before the handler returns, on the handler's thread.
  ProcessAnswers(ServerCallStreamObserver<ExecMessage> call) {
    this.call = call;
    call.setOnReadyHandler(this::wake);
    call.setOnCancelHandler(this::wake);
  }

  private synchronized void wake() {
    notifyAll();
  }

  /// @throws Cancelled the caller has gone
  synchronized void send(ExecMessage message) {
    try {
      while (!call.isReady() && !call.isCancelled()) {
        wait(LOOK_AGAIN_MILLIS);
      }
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
    if (call.isCancelled()) {
      throw new Cancelled("context canceled");
    }
    call.onNext(message);
  }

  synchronized void end() {
    if (!call.isCancelled()) {
      call.onCompleted();
    }
  }

  /// Ends the call with a failure, for the server's interceptor to translate.
  synchronized void fail(RuntimeException failure) {
    if (!call.isCancelled()) {
      call.onError(failure);
    }
  }

  /// What a process writes to one of its file descriptors.
  OutputStream output(String process, int fd) {
    return new OutputStream() {
      @Override
      public void write(int one) {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) {
        if (length > 0) {
          FdMessage.Builder data =
              FdMessage.newBuilder().setFd(fd).setData(ByteString.copyFrom(bytes, offset, length));
          send(ExecMessage.newBuilder().setProcessID(process).setFile(data).build());
        }
      }
    };
  }
}
