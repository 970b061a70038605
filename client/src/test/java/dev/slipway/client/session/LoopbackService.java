package dev.slipway.client.session;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;

/// One of a client's services, served by itself on a port of this machine, and a channel to it.
final class LoopbackService implements AutoCloseable {
  private static final int LARGEST_MESSAGE = 16 << 20;

  private final Server server;
  private final ManagedChannel channel;

  private LoopbackService(Server server, ManagedChannel channel) {
    this.server = server;
    this.channel = channel;
  }

  /// Caller closes.
  static LoopbackService start(BindableService service) throws IOException {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .maxInboundMessageSize(LARGEST_MESSAGE)
            .addService(service)
            .build()
            .start();
    return new LoopbackService(
        server,
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build());
  }

  ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }
}
