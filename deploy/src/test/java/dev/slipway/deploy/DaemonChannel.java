package dev.slipway.deploy;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.control.SolveRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// The control API without a client in between, for requests that no client would send.
final class DaemonChannel implements AutoCloseable {
  private static final Duration CALL_LIMIT = Duration.ofMinutes(30);

  private final MultiThreadIoEventLoopGroup events =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ManagedChannel channel;

  private DaemonChannel(DaemonProcess daemon) {
    channel =
        NettyChannelBuilder.forAddress(
                new DomainSocketAddress(daemon.address().substring("unix://".length())))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(events)
            .overrideAuthority("localhost")
            .maxInboundMessageSize(16 << 20)
            // Error details hold whole Dockerfiles and stack traces, and travel as metadata.
            .maxInboundMetadataSize(4 << 20)
            .usePlaintext()
            .build();
  }

  /// The caller closes it.
  static DaemonChannel to(DaemonProcess daemon) {
    return new DaemonChannel(daemon);
  }

  ControlGrpc.ControlBlockingStub control() {
    return ControlGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  ManagedChannel raw() {
    return channel;
  }

  /// A request with a reference of its own.
  static SolveRequest.Builder request() {
    return SolveRequest.newBuilder().setRef("it-" + UUID.randomUUID());
  }

  @Override
  public void close() {
    channel.shutdownNow();
    events.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
