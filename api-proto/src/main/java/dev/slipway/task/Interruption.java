package dev.slipway.task;

import dev.slipway.failure.Cancelled;

/// Translates Java's interruption to [Cancelled] and back, at the few places that block.
public final class Interruption {
  private Interruption() {}

  /// Restores the interrupt flag and gives the failure to throw.
  public static Cancelled cancelled(InterruptedException interrupted) {
    Thread.currentThread().interrupt();
    return new Cancelled("context canceled", interrupted);
  }

  /// @throws Cancelled when this thread was interrupted (the flag stays set)
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new Cancelled("context canceled");
    }
  }
}
