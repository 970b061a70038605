package dev.slipway.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jnr.unixsocket.UnixDatagramChannel;
import jnr.unixsocket.UnixSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the service manager how the daemon is (sd_notify(3)): datagrams to a unix socket, for
/// which the JDK has no answer. This class is the only one that loads the native library for it,
/// and only when the manager listens.
final class ServiceNotifier {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceNotifier.class);

  private final String socket;

  /// @param socket `NOTIFY_SOCKET`; empty: nobody listens. A leading `@` means the abstract
  ///   namespace.
  ServiceNotifier(String socket) {
    this.socket = socket;
  }

  void ready() {
    tell("READY=1");
  }

  void stopping() {
    tell("STOPPING=1");
  }

  private void tell(String state) {
    if (socket.isEmpty()) {
      return;
    }
    String path = socket.startsWith("@") ? "\0" + socket.substring(1) : socket;
    try (UnixDatagramChannel channel = UnixDatagramChannel.open()) {
      channel.send(
          ByteBuffer.wrap(state.getBytes(StandardCharsets.UTF_8)), new UnixSocketAddress(path));
    } catch (IOException failed) {
      LOG.atWarn()
          .addKeyValue("state", state)
          .setCause(failed)
          .log("could not tell the service manager");
    }
  }
}
