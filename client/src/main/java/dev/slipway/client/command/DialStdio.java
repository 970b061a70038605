package dev.slipway.client.command;

import dev.slipway.client.connect.DaemonAddress;
import dev.slipway.failure.Unavailable;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/// `buildctl dial-stdio`: standard input and output as a raw connection to the daemon, for clients
/// on the other end of a pipe.
final class DialStdio {
  private DialStdio() {}

  static int run(DaemonAddress address, Terminal terminal) {
    SocketAddress target =
        switch (address) {
          case DaemonAddress.UnixSocket unix -> UnixDomainSocketAddress.of(unix.path());
          case DaemonAddress.Tcp tcp -> new InetSocketAddress(tcp.host(), tcp.port());
        };
    try (SocketChannel socket =
            address instanceof DaemonAddress.UnixSocket
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        TaskScope scope = TaskScope.open("dial-stdio")) {
      socket.connect(target);
      scope.forkAction(
          () -> {
            copy(terminal.in(), Channels.newOutputStream(socket));
            socket.shutdownOutput();
          });
      copy(Channels.newInputStream(socket), terminal.out());
      return 0;
    } catch (IOException failure) {
      throw new Unavailable("cannot reach " + address + ": " + failure.getMessage(), failure);
    }
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[32 << 10];
    for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
      to.write(buffer, 0, count);
      to.flush();
    }
  }
}
