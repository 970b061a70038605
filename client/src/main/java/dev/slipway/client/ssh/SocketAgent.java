package dev.slipway.client.ssh;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// An agent behind a unix socket, such as `ssh-agent`. Immutable.
///
/// @param socket where it listens
public record SocketAgent(Path socket) implements Agent {
  /// As Go's client bounds it; agents with many keys have long lists.
  private static final int LONGEST_ANSWER = 16 << 20;

  @Override
  public Connection connect() throws IOException {
    return new Open(new RawSocket(socket).connect());
  }

  private record Open(SocketChannel channel) implements Connection {
    @Override
    public byte[] answer(byte[] request) throws IOException {
      ByteBuffer out = ByteBuffer.wrap(AgentMessages.framed(request));
      while (out.hasRemaining()) {
        channel.write(out);
      }
      int length = read(4).getInt();
      if (length < 0 || length > LONGEST_ANSWER) {
        throw new IOException("the ssh agent's answer is too long");
      }
      return read(length).array();
    }

    private ByteBuffer read(int count) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(count);
      while (bytes.hasRemaining()) {
        if (channel.read(bytes) < 0) {
          throw new EOFException("the ssh agent hung up");
        }
      }
      return bytes.flip();
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException _) {
        // nothing more is wanted of it
      }
    }
  }
}
