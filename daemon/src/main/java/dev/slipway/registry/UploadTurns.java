package dev.slipway.registry;

import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.task.Interruption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// Has uploads of the same blob to the same repository follow one another, whichever builds want
/// them: who comes second finds the blob there. Thread-safe: the map is guarded by its monitor.
final class UploadTurns {
  private final Map<Key, Waiting> waiting = new HashMap<>();

  private record Key(String authority, String repository, Digest digest) {}

  private static final class Waiting {
    private final Semaphore free = new Semaphore(1, true);
    private int users;
  }

  /// Waits for the turn. Caller closes.
  Turn take(Endpoint endpoint, ImageReference repository, Digest blob) {
    Key key = new Key(endpoint.authority(), repository.repository(), blob);
    Waiting mine;
    synchronized (waiting) {
      mine = waiting.computeIfAbsent(key, _ -> new Waiting());
      mine.users++;
    }
    try {
      mine.free.acquire();
    } catch (InterruptedException interrupted) {
      leave(key, mine);
      throw Interruption.cancelled(interrupted);
    }
    return new Turn(key, mine);
  }

  /// Takes the turn if nobody has it. Caller closes.
  Optional<Turn> tryTake(Endpoint endpoint, ImageReference repository, Digest blob) {
    Key key = new Key(endpoint.authority(), repository.repository(), blob);
    Waiting mine = new Waiting();
    synchronized (waiting) {
      if (waiting.putIfAbsent(key, mine) != null || !mine.free.tryAcquire()) {
        return Optional.empty();
      }
      mine.users++;
    }
    return Optional.of(new Turn(key, mine));
  }

  private void leave(Key key, Waiting mine) {
    synchronized (waiting) {
      mine.users--;
      if (mine.users == 0) {
        waiting.remove(key);
      }
    }
  }

  final class Turn implements AutoCloseable {
    private final Key key;
    private final Waiting mine;
    private boolean closed;

    private Turn(Key key, Waiting mine) {
      this.key = key;
      this.mine = mine;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        mine.free.release();
        leave(key, mine);
      }
    }
  }
}
