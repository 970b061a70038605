package dev.slipway.client.connect;

import dev.slipway.failure.InvalidRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/// A connection to a daemon. Thread-safe. Caller closes, which ends its threads: a program that
/// exits while one of them waits in the kernel stalls for a third of a second.
public final class DaemonConnection implements AutoCloseable {
  private static final int MESSAGE_BYTES = 16 << 20;
  private static final int METADATA_BYTES = 4 << 20;
  private static final int WINDOW_BYTES = 4 << 20;

  static {
    // The choice of a logger is the half of netty's own start, and nothing of it is shown.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
  }

  private final EventLoopGroup loops;
  private final ManagedChannel channel;

  private DaemonConnection(EventLoopGroup loops, ManagedChannel channel) {
    this.loops = loops;
    this.channel = channel;
  }

  /// @param serverName name in the server's certificate; empty: the address's host
  /// @param ca certificates to trust
  /// @param pair what to show of ourselves
  public record Tls(Optional<String> serverName, Optional<Path> ca, Optional<KeyPair> pair) {}

  public record KeyPair(Path certificate, Path key) {}

  /// Opens a connection, without waiting for it to be made. Caller closes.
  public static DaemonConnection open(DaemonAddress address, Optional<Tls> tls) {
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("client-io", true), EpollIoHandler.newFactory());
    NettyChannelBuilder builder =
        switch (address) {
          case DaemonAddress.UnixSocket unix ->
              NettyChannelBuilder.forAddress(new DomainSocketAddress(unix.path().toFile()))
                  .channelType(EpollDomainSocketChannel.class)
                  .overrideAuthority("localhost");
          case DaemonAddress.Tcp tcp ->
              NettyChannelBuilder.forAddress(tcp.host(), tcp.port())
                  .channelType(EpollSocketChannel.class);
        };
    builder
        .eventLoopGroup(loops)
        .maxInboundMessageSize(MESSAGE_BYTES)
        // a failure's details, with the Dockerfile in them, travel as metadata
        .maxInboundMetadataSize(METADATA_BYTES)
        .flowControlWindow(WINDOW_BYTES)
        .disableRetry();
    if (tls.isPresent()) {
      secure(builder, tls.get());
    } else {
      builder.negotiationType(NegotiationType.PLAINTEXT);
    }
    return new DaemonConnection(loops, builder.build());
  }

  private static void secure(NettyChannelBuilder builder, Tls tls) {
    try {
      SslContextBuilder context = GrpcSslContexts.forClient();
      tls.ca().ifPresent(ca -> context.trustManager(ca.toFile()));
      tls.pair()
          .ifPresent(pair -> context.keyManager(pair.certificate().toFile(), pair.key().toFile()));
      builder.sslContext(context.build());
      tls.serverName().ifPresent(builder::overrideAuthority);
    } catch (SSLException failure) {
      throw new InvalidRequest("cannot use the TLS files: " + failure.getMessage(), failure);
    }
  }

  public ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
