package dev.slipway.history;

import dev.slipway.content.Ingest;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Unavailable;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;

/// A build's log as kept: status messages, each with its length in front (four bytes, least
/// significant first). Confined to its reader, who closes.
public final class StatusLog implements AutoCloseable {
  /// Largest message read back; what is written is far smaller.
  private static final int MAX_BYTES = 64 << 20;

  private final DataInputStream in;

  StatusLog(SeekableByteChannel blob) {
    this.in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(blob), 1 << 16));
  }

  static void append(Ingest ingest, byte[] message) {
    ByteBuffer framed = ByteBuffer.allocate(Integer.BYTES + message.length);
    framed.order(ByteOrder.LITTLE_ENDIAN).putInt(message.length).put(message).flip();
    ingest.write(framed);
  }

  /// The next message; empty at the end.
  public Optional<byte[]> next() {
    try {
      int length = Integer.reverseBytes(in.readInt());
      if (length < 0 || length > MAX_BYTES) {
        throw new CorruptData("a kept log holds a message of " + length + " bytes");
      }
      byte[] message = new byte[length];
      in.readFully(message);
      return Optional.of(message);
    } catch (EOFException end) {
      return Optional.empty();
    } catch (IOException failed) {
      throw new Unavailable("reading a kept log: " + failed.getMessage(), failed);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException failed) {
      throw new Unavailable("closing a kept log: " + failed.getMessage(), failed);
    }
  }
}
