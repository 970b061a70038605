package dev.slipway.solver;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// A hold on a number. Counts how many holds are open, and that nobody uses one that was closed.
final class ToyResult implements Result {
  private final String value;
  private final AtomicInteger open;
  private final AtomicBoolean closed = new AtomicBoolean();

  ToyResult(String value, AtomicInteger open) {
    this.value = value;
    this.open = open;
    open.incrementAndGet();
  }

  String value() {
    if (closed.get()) {
      throw new IllegalStateException("used after close: " + value);
    }
    return value;
  }

  @Override
  public ToyResult share() {
    return new ToyResult(value(), open);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      open.decrementAndGet();
    }
  }
}
