package dev.slipway.solver;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// A hold on a number. Counts how many holds are open, and that nobody uses one that was closed.
final class ToyResult implements Result {
  private final String value;
  private final Kept kept;
  private final AtomicInteger open;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// What all holds on one result share.
  static final class Kept {
    /// Under which it was saved; empty before.
    volatile String id = "";

    /// Something of it is gone: it cannot be made ready.
    volatile boolean isHollow;
  }

  ToyResult(String value, Kept kept, AtomicInteger open) {
    this.value = value;
    this.kept = kept;
    this.open = open;
    open.incrementAndGet();
  }

  String value() {
    if (closed.get()) {
      throw new IllegalStateException("used after close: " + value);
    }
    return value;
  }

  Kept kept() {
    return kept;
  }

  @Override
  public ToyResult share() {
    return new ToyResult(value(), kept, open);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      open.decrementAndGet();
    }
  }
}
