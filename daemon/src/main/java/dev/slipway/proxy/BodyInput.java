package dev.slipway.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// The body of one request, read from a connection that goes on after it. Confined to its reader.
final class BodyInput extends InputStream {
  private static final int MOST_LINE_BYTES = 4096;

  private final InputStream connection;
  private final boolean chunked;

  /// Bytes until the end of the body or of the present chunk.
  private long left;

  private boolean ended;

  private BodyInput(InputStream connection, boolean chunked, long left) {
    this.connection = connection;
    this.chunked = chunked;
    this.left = left;
    this.ended = !chunked && left == 0;
  }

  static BodyInput of(RequestHead head, InputStream connection) {
    return new BodyInput(connection, head.isChunked(), head.bodyBytes());
  }

  /// Whether nothing of it is left on the connection.
  boolean hasEnded() {
    return ended;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!ended && chunked && left == 0) {
      startChunk();
    }
    if (ended) {
      return -1;
    }
    int count = connection.read(into, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new IOException("the connection ended within a body");
    }
    left -= count;
    if (left == 0) {
      if (chunked) {
        requireLine();
      } else {
        ended = true;
      }
    }
    return count;
  }

  /// RFC 9112, 7.1: size in hexadecimal, extensions after a semicolon; trailers are dropped.
  private void startChunk() throws IOException {
    String size = requireLine().replaceFirst(";.*", "").strip();
    if (!size.matches("[0-9A-Fa-f]{1,15}")) {
      throw new IOException("malformed chunk");
    }
    left = Long.parseLong(size, 16);
    if (left == 0) {
      String trailer = requireLine();
      while (!trailer.isEmpty()) {
        trailer = requireLine();
      }
      ended = true;
    }
  }

  private String requireLine() throws IOException {
    Optional<String> line = HeadReader.line(connection, MOST_LINE_BYTES);
    return line.orElseThrow(() -> new IOException("the connection ended within a body"));
  }
}
