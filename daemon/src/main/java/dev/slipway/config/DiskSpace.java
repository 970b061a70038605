package dev.slipway.config;

/// An amount of disk, absolute or relative to the disk's size.
public sealed interface DiskSpace {
  DiskSpace NONE = new Bytes(0);

  /// @param totalBytes size of the disk that holds the daemon's state
  long bytes(long totalBytes);

  record Bytes(long count) implements DiskSpace {
    @Override
    public long bytes(long totalBytes) {
      return count;
    }

    @Override
    public String toString() {
      return Long.toString(count);
    }
  }

  /// @param percent of the disk
  record Share(long percent) implements DiskSpace {
    private static final long GIB = 1L << 30;
    private static final long GB = 1_000_000_000;

    /// Rounded up to whole gigabytes, as BuildKit does (cmd/buildkitd/config/gcpolicy.go,
    /// `AsBytes`).
    @Override
    public long bytes(long totalBytes) {
      long share =
          Math.multiplyHigh(totalBytes, percent) == 0
              ? totalBytes * percent / 100
              : totalBytes / 100 * percent;
      return (share / GIB + 1) * GB;
    }

    @Override
    public String toString() {
      return percent + "%";
    }
  }
}
