package dev.slipway.session.testing;

import dev.slipway.api.filesync.BytesMessage;
import dev.slipway.api.filesync.FileSendGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/// A client's `FileSend` service that takes one stream of bytes.
public final class ReceivedArchive extends FileSendGrpc.FileSendImplBase {
  private final Optional<Status> refusal;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /// Takes everything.
  public ReceivedArchive() {
    this(Optional.empty());
  }

  /// @param refusal answered instead of taking anything
  public ReceivedArchive(Optional<Status> refusal) {
    this.refusal = refusal;
  }

  /// What came until now.
  public synchronized byte[] bytes() {
    return bytes.toByteArray();
  }

  @Override
  public StreamObserver<BytesMessage> diffCopy(StreamObserver<BytesMessage> answer) {
    refusal.ifPresent(status -> answer.onError(status.asRuntimeException()));
    return new StreamObserver<>() {
      @Override
      public void onNext(BytesMessage message) {
        synchronized (ReceivedArchive.this) {
          bytes.writeBytes(message.getData().toByteArray());
        }
      }

      @Override
      public void onError(Throwable failure) {
        synchronized (ReceivedArchive.this) {
          bytes.reset();
        }
      }

      @Override
      public void onCompleted() {
        if (refusal.isEmpty()) {
          answer.onCompleted();
        }
      }
    };
  }
}
