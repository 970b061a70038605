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

  /// Takes a slot for what may take its time, if more than half of them are free and another is
  /// left for others. Caller closes.
  Optional<Slot> tryTakeSpare(String authority) {
    Semaphore semaphore = slotsOf(authority);
    int free = Math.max(2, perHost / 2 + 1);
    if (semaphore.hasQueuedThreads() || !semaphore.tryAcquire(free)) {
      return Optional.empty();
    }
    semaphore.release(free - 1);
    return Optional.of(new Slot(semaphore));
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
