package dev.slipway.session;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// One `Control.Session` call seen as a connection to the client's own gRPC server. Thread-safe:
/// the outer call's messages and the inner channel's meet in [TunnelChannel].
final class SessionTunnel extends ServerCall.Listener<ByteBuf> implements TunnelChannel.Wire {
  private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
  private static final int WINDOW_BYTES = 4 * 1024 * 1024;

  private final ServerCall<ByteBuf, ByteBuf> call;
  private final Runnable whenEnded;
  private final TunnelChannel tunnel = new TunnelChannel(this);
  private final AtomicBoolean handedOut = new AtomicBoolean();
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicBoolean reported = new AtomicBoolean();

  /// @param whenEnded run once, when the outer call is over
  SessionTunnel(ServerCall<ByteBuf, ByteBuf> call, Runnable whenEnded) {
    this.call = call;
    this.whenEnded = whenEnded;
  }

  /// Answers the call's headers and gives the channel to the client's services, which connects at
  /// once. Caller shuts it down.
  ///
  /// @param executor runs what the inner calls' listeners do
  ManagedChannel open(EventLoopGroup loops, Executor executor) {
    call.sendHeaders(new Metadata());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(tunnel.remoteAddress())
            .channelFactory(this::nextChannel)
            .eventLoopGroup(loops)
            .executor(executor)
            .offloadExecutor(executor)
            .usePlaintext()
            .overrideAuthority("localhost")
            // A tunnel that idles is still needed: past 30 days gRPC does not count idleness at
            // all.
            .idleTimeout(365, TimeUnit.DAYS)
            .disableRetry()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .flowControlWindow(WINDOW_BYTES)
            .build();
    // At once, not with the first call: the client's end is heard only behind what it has sent, and
    // the client waits until we have heard it.
    channel.getState(true);
    return channel;
  }

  /// Ends the outer call where no inner connection was ever made that would end it.
  void hangUp() {
    if (claim()) {
      close();
    }
  }

  private Channel nextChannel() {
    return handedOut.compareAndSet(false, true) ? tunnel : new TunnelChannel(this);
  }

  @Override
  public void onMessage(ByteBuf message) {
    tunnel.received(message);
  }

  @Override
  public void onReady() {
    tunnel.writable();
  }

  @Override
  public void onHalfClose() {
    end();
    close();
  }

  @Override
  public void onCancel() {
    end();
  }

  @Override
  public void onComplete() {
    end();
  }

  private void end() {
    claimed.set(true);
    if (reported.compareAndSet(false, true)) {
      whenEnded.run();
    }
    tunnel.ended();
  }

  @Override
  public boolean ready() {
    return call.isReady();
  }

  @Override
  public void send(ByteBuf bytes) {
    call.sendMessage(bytes);
  }

  @Override
  public void request(int messages) {
    call.request(messages);
  }

  @Override
  public boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      call.close(Status.OK, new Metadata());
    }
  }
}
