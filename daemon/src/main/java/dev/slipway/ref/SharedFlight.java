package dev.slipway.ref;

import dev.slipway.task.Interruption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;

/// Joins work under equal keys: one caller does it in its own thread, the others wait for its
/// success.
///
/// A failure belongs to the caller who met it (it was cancelled, or its session lacks the
/// credentials), so the next of those who waited tries for itself. Thread-safe.
final class SharedFlight<K> {
  private final ConcurrentMap<K, Flight> running = new ConcurrentHashMap<>();

  private static final class Flight {
    final CountDownLatch ended = new CountDownLatch(1);
    volatile boolean succeeded;
  }

  /// Returns when the work under this key was done once since this call began.
  void join(K key, Runnable work) {
    while (true) {
      Flight mine = new Flight();
      Flight other = running.putIfAbsent(key, mine);
      if (other == null) {
        try {
          work.run();
          mine.succeeded = true;
          return;
        } finally {
          running.remove(key);
          mine.ended.countDown();
        }
      }
      try {
        other.ended.await();
      } catch (InterruptedException interrupted) {
        throw Interruption.cancelled(interrupted);
      }
      if (other.succeeded) {
        return;
      }
    }
  }
}
