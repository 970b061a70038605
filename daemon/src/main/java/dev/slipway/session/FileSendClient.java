package dev.slipway.session;

import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.api.filesync.BytesMessage;
import dev.slipway.api.filesync.FileSendGrpc;
import io.grpc.Metadata;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/// Sends results to a client: archives as one stream of bytes.
public final class FileSendClient {
  private static final Metadata.Key<String> EXPORTER_ID = SessionHeaders.key("buildkit-attachable-exporter-id");
  private static final int CHUNK_BYTES = 64 * 1024;

  private FileSendClient() {}

  /// Opens the client's sink for one exporter. Caller closes.
  ///
  /// @param exporter index of the exporter in the request, by which the client picks the sink
  /// @param metadata told to the client beside the bytes (`containerimage.digest`, …)
  /// @throws dev.slipway.failure.Unsupported the client takes no files
  public static ClientFile openFile(Session session, int exporter, Map<String, String> metadata) {
    Metadata headers = new Metadata();
    headers.put(EXPORTER_ID, Integer.toString(exporter));
    metadata.forEach((key, value) -> headers.put(SessionHeaders.key("exporter-md-" + key.toLowerCase(Locale.ROOT)), value));
    return new ClientFile(MessageStream.open(session, FileSendGrpc.getDiffCopyMethod(), headers, "sending to the client"));
  }

  /// A file at the client being written. Failures are [dev.slipway.failure.BuildFailure]s; `AlreadyExists` says that the client has it
  /// already. Confined to one thread.
  public static final class ClientFile extends OutputStream {
    private final MessageStream<BytesMessage, BytesMessage> stream;
    private final byte[] buffer = new byte[CHUNK_BYTES];
    private int filled;

    private ClientFile(MessageStream<BytesMessage, BytesMessage> stream) {
      this.stream = stream;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      int done = 0;
      while (done < length) {
        int count = Math.min(length - done, buffer.length - filled);
        System.arraycopy(bytes, offset + done, buffer, filled, count);
        filled += count;
        done += count;
        if (filled == buffer.length) {
          flush();
        }
      }
    }

    @Override
    public void flush() {
      if (filled > 0) {
        byte[] chunk = Arrays.copyOf(buffer, filled);
        filled = 0;
        stream.send(BytesMessage.newBuilder().setData(UnsafeByteOperations.unsafeWrap(chunk)).build());
      }
    }

    /// Ends the file and waits until the client has it.
    public void finish() {
      flush();
      stream.halfClose();
      stream.awaitEnd();
    }

    /// Without [#finish] before, tells the client that the file is not whole.
    @Override
    public void close() {
      stream.close();
    }
  }
}
