package dev.slipway.task;

import java.time.Duration;
import java.time.Instant;

/// Time as a value, so that tests own it.
public interface Clock {
  Instant now();

  /// Blocks this virtual thread.
  ///
  /// @throws dev.slipway.failure.Cancelled when interrupted
  void sleep(Duration duration);

  /// The machine's clock. Instants never repeat backwards within one process only as far as the
  /// system clock does not.
  static Clock system() {
    return new Clock() {
      @Override
      public Instant now() {
        return Instant.now();
      }

      @Override
      public void sleep(Duration duration) {
        try {
          Thread.sleep(duration);
        } catch (InterruptedException interrupted) {
          throw Interruption.cancelled(interrupted);
        }
      }
    };
  }
}
