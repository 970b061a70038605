package dev.slipway.registry;

import dev.slipway.task.Interruption;
import java.util.Map;
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
    Semaphore semaphore = hosts.computeIfAbsent(authority, _ -> new Semaphore(perHost, true));
    try {
      semaphore.acquire();
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
    return new Slot(semaphore);
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
