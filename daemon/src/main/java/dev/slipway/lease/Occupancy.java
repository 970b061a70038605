package dev.slipway.lease;

/// What the limits are about, as the collector sees it. Thread-safe.
public interface Occupancy {
  /// Counts all that lies on disk because of builds, what is being written included, in bytes.
  /// Takes as long as there is much of it.
  long usedBytes();

  /// What may still be written on the disk; quick.
  long freeBytes();
}
