package dev.slipway.deploy;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for what another process does and does not announce.
final class Await {
  private static final long BETWEEN_LOOKS = Duration.ofMillis(5).toNanos();

  private Await() {}

  /// Looks until `condition` holds; fails the test if it does not within `limit`. Returns how long
  /// it took.
  static Duration until(String what, Duration limit, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > limit.toNanos()) {
        throw new AssertionError("not within " + limit + ": " + what);
      }
      LockSupport.parkNanos(BETWEEN_LOOKS);
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
