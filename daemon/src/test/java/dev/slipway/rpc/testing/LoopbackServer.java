package dev.slipway.rpc.testing;

import dev.slipway.rpc.EventLoops;
import dev.slipway.rpc.HandlerThreads;
import dev.slipway.rpc.InheritedSockets;
import dev.slipway.rpc.ListenAddress;
import dev.slipway.rpc.RpcServer;
import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/// A real server on a unix socket in a test's folder.
public final class LoopbackServer implements AutoCloseable {
  private final EventLoops loops;
  private final HandlerThreads handlers;
  private final Path socket;
  private final RpcServer server;

  private LoopbackServer(EventLoops loops, HandlerThreads handlers, Path socket, RpcServer server) {
    this.loops = loops;
    this.handlers = handlers;
    this.socket = socket;
    this.server = server;
  }

  /// What services may need of the server's surroundings before it starts.
  public record Surroundings(EventLoops loops, HandlerThreads handlers) {}

  /// Starts it. Caller closes.
  ///
  /// @param folder where the socket goes
  /// @param services made from the loops and threads of this server
  public static LoopbackServer start(
      Path folder, Function<Surroundings, List<ServerServiceDefinition>> services) {
    EventLoops loops = EventLoops.start(2);
    HandlerThreads handlers = new HandlerThreads("test");
    Path socket = folder.resolve("daemon.sock");
    RpcServer server =
        RpcServer.start(
            settings(List.of(new ListenAddress.Unix(socket))),
            services.apply(new Surroundings(loops, handlers)),
            new RpcServer.Threads(loops, handlers),
            "moby.buildkit.v1.Control/Session");
    return new LoopbackServer(loops, handlers, socket, server);
  }

  public static RpcServer.Settings settings(List<ListenAddress> addresses) {
    return new RpcServer.Settings(
        addresses,
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        RpcServer.InsecureTcp.REFUSED,
        InheritedSockets.NONE);
  }

  public Path socket() {
    return socket;
  }

  public RpcServer server() {
    return server;
  }

  public EventLoops loops() {
    return loops;
  }

  /// A channel of its own. Caller shuts it down.
  public ManagedChannel connect() {
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
        .channelType(EpollDomainSocketChannel.class)
        .eventLoopGroup(loops.moving())
        .usePlaintext()
        .overrideAuthority("localhost")
        .maxInboundMessageSize(16 * 1024 * 1024)
        .build();
  }

  @Override
  public void close() {
    server.close();
    handlers.close();
    loops.close();
  }
}
