package dev.slipway.session;

import com.google.protobuf.ByteString;
import dev.slipway.api.upload.BytesMessage;
import dev.slipway.api.upload.UploadGrpc;
import io.grpc.Metadata;
import java.io.InputStream;
import java.util.Optional;

/// Streams that clients offer under a URL, such as a build context read from standard input.
public final class UploadClient {
  private static final Metadata.Key<String> PATH = SessionHeaders.key("urlpath");
  private static final Metadata.Key<String> HOST = SessionHeaders.key("urlhost");

  private UploadClient() {}

  /// Opens what the client offers as `http://<host><path>`. Caller closes.
  ///
  /// @throws dev.slipway.failure.Unsupported the client offers no uploads
  public static InputStream open(Session session, String host, String path) {
    Metadata headers = new Metadata();
    headers.put(PATH, path);
    headers.put(HOST, host);
    return new Pulled(
        MessageStream.open(session, UploadGrpc.getPullMethod(), headers, "upload " + path));
  }

  /// Reads fail with what the client answered. Confined to one thread.
  private static final class Pulled extends InputStream {
    private final MessageStream<BytesMessage, BytesMessage> stream;
    private ByteString current = ByteString.EMPTY;
    private int position;
    private boolean over;

    Pulled(MessageStream<BytesMessage, BytesMessage> stream) {
      this.stream = stream;
    }

    private boolean ready() {
      while (position == current.size() && !over) {
        Optional<BytesMessage> next = stream.receive();
        current = next.map(BytesMessage::getData).orElse(ByteString.EMPTY);
        over = next.isEmpty();
        position = 0;
      }
      return !over;
    }

    @Override
    public int read() {
      return ready() ? current.byteAt(position++) & 0xff : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      if (!ready()) {
        return -1;
      }
      int count = Math.min(length, current.size() - position);
      current.substring(position, position + count).copyTo(buffer, offset);
      position += count;
      return count;
    }

    @Override
    public void close() {
      stream.close();
    }
  }
}
