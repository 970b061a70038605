package dev.slipway.client.ssh;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// A unix socket whose bytes go to steps and back as they are, whatever is spoken there. Immutable.
///
/// @param path where it listens
public record RawSocket(Path path) implements Forwarded {
  /// Caller closes.
  ///
  /// @throws IOException nobody listens there
  public SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(path));
      return channel;
    } catch (IOException failure) {
      channel.close();
      throw new IOException("failed to connect to " + path + ": " + failure.getMessage(), failure);
    }
  }
}
