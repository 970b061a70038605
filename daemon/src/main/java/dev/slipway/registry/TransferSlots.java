package dev.slipway.registry;

import dev.slipway.task.Interruption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// Bounds how many blobs move at once between this daemon and one host. Thread-safe.
final class TransferSlots {
  private final int perHost;
  private final Map<String, Semaphore> hosts = new ConcurrentHashMap<>();

  TransferSlots(int perHost) {
    this.perHost = Math.max(1, perHost);
  }

  /// Waits for a slot. Caller closes.
  Slot take(String authority) {
    Semaphore semaphore = slotsOf(authority);
    try {
      semaphore.acquire();
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
    return new Slot(semaphore);
  }

  /// Takes a slot that nobody needs just now. Caller closes.
  Optional<Slot> tryTake(String authority) {
    Semaphore semaphore = slotsOf(authority);
    return !semaphore.hasQueuedThreads() && semaphore.tryAcquire()
        ? Optional.of(new Slot(semaphore))
        : Optional.empty();
  }

  private Semaphore slotsOf(String authority) {
    return hosts.computeIfAbsent(authority, _ -> new Semaphore(perHost, true));
  }

  static final class Slot implements AutoCloseable {
    private final Semaphore semaphore;
    private boolean closed;

    private Slot(Semaphore semaphore) {
      this.semaphore = semaphore;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        semaphore.release();
      }
    }
  }
}
