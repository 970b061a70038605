package dev.slipway.content;

import dev.slipway.task.Interruption;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// How far a blob has come that is being written, and how that ended; what an [Ingest] tells those
/// who follow it. Thread-safe: guarded by its monitor.
public final class IngestState {
  private long written;
  private boolean ended;
  private Optional<BlobInfo> committed = Optional.empty();

  /// So many bytes are there to be read, from the first on.
  public synchronized void reached(long bytes) {
    written = bytes;
    notifyAll();
  }

  /// It is a blob now, and will not grow any more.
  public synchronized void commit(BlobInfo blob) {
    if (!ended) {
      committed = Optional.of(blob);
      drop();
    }
  }

  /// Nothing will become of it, unless it was committed.
  public synchronized void drop() {
    ended = true;
    notifyAll();
  }

  synchronized Optional<BlobInfo> committed() {
    return committed;
  }

  /// Waits until more than so many bytes are there, or no more will come, or nobody cares any more.
  ///
  /// @param enough asked again after [#stir]
  /// @return how many are there
  synchronized long awaitMoreThan(long bytes, BooleanSupplier enough) {
    while (written <= bytes && !ended && !enough.getAsBoolean()) {
      pause();
    }
    return written;
  }

  /// Waits for the end.
  ///
  /// @return what was committed, if it was
  synchronized Optional<BlobInfo> awaitEnd() {
    while (!ended) {
      pause();
    }
    return committed;
  }

  /// Whether nothing more will come.
  synchronized boolean hasEnded() {
    return ended;
  }

  /// Has those who wait look again.
  synchronized void stir() {
    notifyAll();
  }

  private void pause() {
    try {
      wait();
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }
}
