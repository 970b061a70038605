package dev.slipway.session;

import dev.slipway.failure.Unavailable;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// A client at the other end of a tunnel. Thread-safe.
final class ConnectedSession implements Session, AutoCloseable {
  private final SessionHeaders headers;
  private final SessionTunnel tunnel;
  private final ManagedChannel channel;
  private final AtomicBoolean closed = new AtomicBoolean();

  ConnectedSession(SessionHeaders headers, SessionTunnel tunnel, ManagedChannel channel) {
    this.headers = headers;
    this.tunnel = tunnel;
    this.channel = channel;
  }

  @Override
  public String id() {
    return headers.id();
  }

  @Override
  public String name() {
    return headers.name();
  }

  @Override
  public String sharedKey() {
    return headers.sharedKey();
  }

  @Override
  public boolean supports(String method) {
    return headers.methods().contains(method.toLowerCase(Locale.ROOT));
  }

  @Override
  public Channel channel() {
    if (closed.get()) {
      throw new Unavailable("session " + id() + ": the client has gone");
    }
    return channel;
  }

  boolean isClosed() {
    return closed.get();
  }

  /// Ends the tunnel; calls under way fail. Idempotent.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      channel.shutdownNow();
      tunnel.hangUp();
    }
  }

  void awaitEnd(Duration patience) {
    try {
      channel.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
