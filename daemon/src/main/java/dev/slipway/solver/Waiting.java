package dev.slipway.solver;

import java.util.concurrent.CountDownLatch;

/// Waits that may not be cut short, because what is waited for is the end of work that uses what
/// the caller is about to close.
final class Waiting {
  private Waiting() {}

  static void uninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
