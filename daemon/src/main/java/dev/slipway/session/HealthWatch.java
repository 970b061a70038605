package dev.slipway.session;

import dev.slipway.failure.Cancelled;
import dev.slipway.task.Clock;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks one client again and again whether it is still there, and ends its session when it is not.
/// Runs on a thread of its own.
final class HealthWatch {
  private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);

  private final ConnectedSession session;
  private final HealthPolicy policy;
  private final Clock clock;

  HealthWatch(ConnectedSession session, HealthPolicy policy, Clock clock) {
    this.session = session;
    this.policy = policy;
    this.clock = clock;
  }

  /// Returns when the session has ended or this thread is interrupted.
  void run() {
    try {
      watch();
    } catch (Cancelled ended) {
      LOG.trace("health watch of session {} ended", session.id());
    }
  }

  private void watch() {
    Duration last = Duration.ZERO;
    int failures = 0;
    while (!session.isClosed()) {
      clock.sleep(policy.interval());
      long start = System.nanoTime();
      boolean healthy = check(longer(policy.timeout(), last.multipliedBy(3).dividedBy(2)));
      last = Duration.ofNanos(System.nanoTime() - start);
      failures = healthy ? 0 : failures + 1;
      if (failures >= policy.failures()) {
        LOG.atWarn()
            .addKeyValue("session", session.id())
            .log("session ended: its client does not answer health checks");
        session.close();
      }
    }
  }

  private boolean check(Duration timeout) {
    if (session.isClosed()) {
      return false;
    }
    try {
      HealthGrpc.newBlockingStub(session.channel())
          .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
          .check(HealthCheckRequest.getDefaultInstance());
      return true;
    } catch (StatusRuntimeException failed) {
      LOG.atDebug()
          .addKeyValue("session", session.id())
          .setCause(failed)
          .log("health check failed");
      return false;
    }
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }
}
