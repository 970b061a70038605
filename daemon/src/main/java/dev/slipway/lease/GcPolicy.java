package dev.slipway.lease;

import java.time.Duration;
import java.util.List;

/// One rule of collection, with BuildKit's meaning (surface reference 9.4). Zero sizes and
/// durations mean unset.
///
/// @param all also what is internal, frontends, and what something else shares
/// @param filters containerd filter expressions, any of which may match; empty matches all
/// @param keepDuration what was used within it stays
/// @param reservedBytes what is never taken away
/// @param maxUsedBytes what may be used at most
/// @param minFreeBytes what the file system should have free
public record GcPolicy(
    boolean all,
    List<String> filters,
    Duration keepDuration,
    long reservedBytes,
    long maxUsedBytes,
    long minFreeBytes) {
  private static final long RESERVED_AT_MOST = 10_000_000_000L;
  private static final long USED_AT_MOST = 100_000_000_000L;
  private static final long MARGIN_AT_MOST = 512_000_000L;
  private static final long EASILY_MADE_AGAIN = 512_000_000L;

  public GcPolicy {
    filters = List.copyOf(filters);
  }

  /// How near a limit may be before something is done about it, so that it holds although more is
  /// written meanwhile: a sixteenth, of large ones less.
  private static long margin(long limitBytes) {
    return Math.min(limitBytes / 16, MARGIN_AT_MOST);
  }

  /// Whether its limits are near. What only some records are measured by is never urgent.
  public boolean isPressing(long usedBytes, long freeBytes) {
    return filters.isEmpty()
        && usedBytes > reservedBytes
        && ((maxUsedBytes > 0 && usedBytes > maxUsedBytes - margin(maxUsedBytes))
            || (minFreeBytes > 0 && freeBytes < minFreeBytes + margin(minFreeBytes)));
  }

  /// The rule by which to collect so that this one holds for a while: with its limits drawn in by
  /// two margins.
  public GcPolicy tightened() {
    return new GcPolicy(
        all,
        filters,
        keepDuration,
        reservedBytes,
        maxUsedBytes - 2 * margin(maxUsedBytes),
        minFreeBytes + 2 * margin(minFreeBytes));
  }

  /// Limits on what builds may keep on disk.
  public record Limits(long reservedBytes, long maxUsedBytes, long minFreeBytes) {
    /// What BuildKit takes for a disk of that size when nothing is configured: a tenth (at most 10
    /// GB) reserved, four fifths (at most 100 GB) used, a fifth kept free.
    public static Limits ofDisk(long totalBytes) {
      return new Limits(
          Math.min(percent(totalBytes, 10), RESERVED_AT_MOST),
          Math.min(percent(totalBytes, 80), USED_AT_MOST),
          percent(totalBytes, 20));
    }
  }

  /// A share of the disk, rounded as BuildKit rounds it: whole GiB taken for GB, and one more.
  ///
  /// @return 2 GB when the size of the disk is unknown (0)
  public static long percent(long totalBytes, int percentage) {
    if (totalBytes == 0) {
      return 2_000_000_000L;
    }
    // Divided first: the product of a large disk and the percentage would still fit, but of a wrong
    // report it might not.
    long share =
        Math.multiplyExact(totalBytes / 100, percentage) + totalBytes % 100 * percentage / 100;
    return (share / (1L << 30) + 1) * 1_000_000_000L;
  }

  /// BuildKit's four default rules, from the gentlest to the last resort.
  public static List<GcPolicy> defaults(Limits limits) {
    List<String> easilyMadeAgain =
        List.of("type==source.local", "type==exec.cachemount", "type==source.git.checkout");
    return List.of(
        new GcPolicy(false, easilyMadeAgain, Duration.ofDays(2), 0, EASILY_MADE_AGAIN, 0),
        within(limits, false, Duration.ofDays(60)),
        within(limits, false, Duration.ZERO),
        within(limits, true, Duration.ZERO));
  }

  private static GcPolicy within(Limits limits, boolean all, Duration keep) {
    return new GcPolicy(
        all, List.of(), keep, limits.reservedBytes(), limits.maxUsedBytes(), limits.minFreeBytes());
  }
}
