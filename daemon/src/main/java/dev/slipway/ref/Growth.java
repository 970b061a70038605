package dev.slipway.ref;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Tells that more is kept than before, so that limits can be looked at while builds run.
/// Thread-safe.
final class Growth {
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  void listen(Runnable listener) {
    listeners.add(listener);
  }

  void happened() {
    listeners.forEach(Runnable::run);
  }
}
