package dev.slipway.rpc;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/// The few platform threads that move bytes of all connections and tunnels. Thread-safe.
public final class EventLoops implements AutoCloseable {
  private final EventLoopGroup accepting = group("slipway-accept", 1);
  private final EventLoopGroup moving;

  private EventLoops(int threads) {
    moving = group("slipway-io", threads);
  }

  /// Starts them (each at its first use). Caller closes.
  ///
  /// @param threads for connections and tunnels
  public static EventLoops start(int threads) {
    return new EventLoops(threads);
  }

  private static EventLoopGroup group(String name, int threads) {
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory(name, true), EpollIoHandler.newFactory());
  }

  EventLoopGroup accepting() {
    return accepting;
  }

  /// Stays ours: users do not shut it down.
  public EventLoopGroup moving() {
    return moving;
  }

  /// Ends the threads and waits: a JVM that exits while one sits in epoll_wait stalls for a third
  /// of a second.
  @Override
  public void close() {
    var first = accepting.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    var second = moving.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    first.awaitUninterruptibly(2, TimeUnit.SECONDS);
    second.awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
