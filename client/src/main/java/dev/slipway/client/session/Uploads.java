package dev.slipway.client.session;

import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.api.upload.BytesMessage;
import dev.slipway.api.upload.UploadGrpc;
import dev.slipway.failure.BuildFailure;
import dev.slipway.task.TaskScope;
import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Streams that a build may read, each once, by the URL it was offered under (surface reference
/// 2.6): a context that comes through a pipe. Thread-safe; caller closes, which leaves the streams
/// open.
public final class Uploads extends UploadGrpc.UploadImplBase implements AutoCloseable {
  private static final String HOST = "http://buildkit-session/";
  private static final int CHUNK = 1 << 20;

  private final ConcurrentMap<String, InputStream> streams;
  private final TaskScope senders = TaskScope.open("send-uploads");

  /// @param streams by id
  public Uploads(Map<String, InputStream> streams) {
    this.streams = new ConcurrentHashMap<>(streams);
  }

  /// What a daemon knows the stream of this id by.
  public static String url(String id) {
    return HOST + id;
  }

  public BindableService service() {
    return RequestHeaders.carriedTo(this);
  }

  @Override
  public StreamObserver<BytesMessage> pull(StreamObserver<BytesMessage> answers) {
    ServedStream<BytesMessage, BytesMessage> stream = new ServedStream<>(answers);
    String path = RequestHeaders.value("urlpath").orElse("");
    String id = path.substring(path.lastIndexOf('/') + 1);
    InputStream bytes = streams.remove(id);
    if (bytes == null) {
      stream.fail(Status.NOT_FOUND.withDescription("no http response from session for " + id));
      return stream;
    }
    senders.forkAction(() -> send(bytes, stream));
    return stream;
  }

  private static void send(InputStream bytes, ServedStream<BytesMessage, BytesMessage> stream) {
    byte[] buffer = new byte[CHUNK];
    try {
      for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
        stream.send(
            BytesMessage.newBuilder()
                .setData(UnsafeByteOperations.unsafeWrap(Arrays.copyOf(buffer, count)))
                .build());
      }
      stream.complete();
    } catch (BuildFailure failure) {
      stream.fail(Status.UNKNOWN.withDescription(failure.text()));
    } catch (IOException failure) {
      stream.fail(Status.UNKNOWN.withDescription("cannot read: " + failure.getMessage()));
    }
  }

  @Override
  public void close() {
    senders.close();
  }
}
