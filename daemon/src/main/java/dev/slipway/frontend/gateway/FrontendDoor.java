package dev.slipway.frontend.gateway;

import dev.slipway.failure.WrongState;
import dev.slipway.rpc.InheritedSockets;
import dev.slipway.rpc.ListenAddress;
import dev.slipway.rpc.RpcServer;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/// The gateway as one frontend in a container meets it: a server of its own, for the one connection
/// that its standard streams carry. The server listens in a directory that only the daemon can
/// enter.
final class FrontendDoor implements AutoCloseable {
  private final RpcServer server;
  private final SocketChannel connection;

  private FrontendDoor(RpcServer server, SocketChannel connection) {
    this.server = server;
    this.connection = connection;
  }

  /// Caller closes, which cancels every call.
  static FrontendDoor open(GatewayBuild build, ImageFrontend.Hosting hosting) {
    Path socket = hosting.directory().resolve(UUID.randomUUID().toString().substring(0, 8));
    RpcServer.Settings settings =
        new RpcServer.Settings(
            List.of(new ListenAddress.Unix(socket)),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            RpcServer.InsecureTcp.REFUSED,
            InheritedSockets.NONE);
    RpcServer server =
        RpcServer.start(
            settings, List.of(LlbBridgeService.of(build).bindService()), hosting.threads(), "");
    try {
      return new FrontendDoor(server, SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    } catch (IOException failure) {
      server.close();
      throw new WrongState("cannot connect a frontend: " + failure.getMessage(), failure);
    }
  }

  /// The frontend's end.
  SocketChannel connection() {
    return connection;
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (IOException failure) {
      throw new WrongState("cannot close a frontend's connection", failure);
    } finally {
      server.close();
    }
  }
}
