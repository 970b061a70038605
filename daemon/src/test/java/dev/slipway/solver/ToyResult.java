package dev.slipway.solver;

import java.util.List;
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

    /// Results that it is made of, and shares what they have.
    final List<Kept> parts;

    /// Something of its own is gone.
    volatile boolean isHollow;

    Kept() {
      this(List.of());
    }

    Kept(List<Kept> parts) {
      this.parts = List.copyOf(parts);
    }

    /// Something of it is gone: it cannot be made ready.
    boolean isLost() {
      return isHollow || parts.stream().anyMatch(Kept::isLost);
    }
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
  public boolean isLost() {
    return kept.isLost();
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
