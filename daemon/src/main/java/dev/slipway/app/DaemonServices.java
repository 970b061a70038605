package dev.slipway.app;

import dev.slipway.config.DaemonConfig;
import dev.slipway.rpc.EventLoops;
import dev.slipway.rpc.HandlerThreads;
import dev.slipway.task.Clock;
import io.grpc.BindableService;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/// What a running daemon offers, and how it ends.
public interface DaemonServices extends AutoCloseable {
  /// The gRPC services, health and reflection left out.
  List<BindableService> services();

  /// Waits until no build runs any more. New ones are refused already. Interruption ends the
  /// waiting.
  ///
  /// @param atMost how long running builds may take; those that take longer are cancelled
  void drain(Duration atMost);

  /// Cancels what still runs and closes every room, stores last.
  @Override
  void close();

  /// What services are made from; everything stays the daemon's.
  ///
  /// @param loops carry bytes of connections and tunnels; given once they run
  /// @param handlers run requests
  /// @param metrics keeps nothing unless a metrics endpoint is configured
  record Foundation(
      DaemonConfig config,
      Supplier<EventLoops> loops,
      HandlerThreads handlers,
      Clock clock,
      MeterRegistry metrics) {
    /// The same with that registry of metrics.
    Foundation with(MeterRegistry others) {
      return new Foundation(config, loops, handlers, clock, others);
    }
  }

  @FunctionalInterface
  interface Opener {
    /// Opens the stores and everything on them. Caller closes.
    ///
    /// @throws dev.slipway.failure.BuildFailure what keeps the daemon from running here
    DaemonServices open(Foundation foundation);
  }
}
