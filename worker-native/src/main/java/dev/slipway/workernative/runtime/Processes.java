package dev.slipway.workernative.runtime;

/// Waiting for processes.
final class Processes {
  private Processes() {}

  /// Waits for the end whatever interrupts; the interrupt flag is kept.
  static int waitUninterrupted(Process process) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return process.waitFor();
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
