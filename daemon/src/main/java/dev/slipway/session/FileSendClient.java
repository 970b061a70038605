package dev.slipway.session;

import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.api.filesync.BytesMessage;
import dev.slipway.api.filesync.FileSendGrpc;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.FsSender;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;

/// Sends results to a client: archives as one stream of bytes, trees by the file transfer protocol
/// (surface reference 2.4).
public final class FileSendClient {
  private static final Metadata.Key<String> EXPORTER_ID =
      SessionHeaders.key("buildkit-attachable-exporter-id");
  private static final Metadata.Key<String> MULTI_PLATFORM =
      SessionHeaders.key("buildkit-exporter-multi-platform");

  /// The service announces messages of bytes; trees go as packets all the same, and the client
  /// knows which it expects.
  private static final MethodDescriptor<Packet, Packet> PACKETS =
      FileSendGrpc.getDiffCopyMethod().toBuilder(
              ProtoUtils.marshaller(Packet.getDefaultInstance()),
              ProtoUtils.marshaller(Packet.getDefaultInstance()))
          .build();

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
    metadata.forEach(
        (key, value) ->
            headers.put(SessionHeaders.key("exporter-md-" + key.toLowerCase(Locale.ROOT)), value));
    return new ClientFile(
        MessageStream.open(
            session, FileSendGrpc.getDiffCopyMethod(), headers, "sending to the client"));
  }

  /// What the client does with files that are there and are not sent.
  public enum Removal {
    NONE,
    OF_THE_REST
  }

  /// Sends a tree of files to the client's directory for one exporter; blocks until the client has
  /// it.
  ///
  /// @param progress told the bytes of each packet, by several threads
  /// @throws dev.slipway.failure.Unsupported the client takes no files
  public static void sendTree(
      Session session, int exporter, FileTree tree, Removal removal, LongConsumer progress) {
    Metadata headers = new Metadata();
    headers.put(EXPORTER_ID, Integer.toString(exporter));
    if (removal == Removal.OF_THE_REST) {
      headers.put(MULTI_PLATFORM, "1");
    }
    try (MessageStream<Packet, Packet> stream =
        MessageStream.open(session, PACKETS, headers, "sending to the client")) {
      new FsSender(new PacketStream(stream, _ -> {}), tree, progress).send();
      stream.halfClose();
      stream.awaitEnd();
    }
  }

  /// A file at the client being written. Failures are [dev.slipway.failure.BuildFailure]s;
  /// `AlreadyExists` says that the client has it already. Confined to one thread.
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
        stream.send(
            BytesMessage.newBuilder().setData(UnsafeByteOperations.unsafeWrap(chunk)).build());
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
