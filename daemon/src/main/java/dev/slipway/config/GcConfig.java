package dev.slipway.config;

import java.time.Duration;
import java.util.List;

/// When records of the build cache are collected (surface reference 9.4).
///
/// @param enabled collect at all
/// @param reservedSpace always left to the cache; default 10 % of the disk, at most 10 GB
/// @param maxUsedSpace never exceeded for long; default 80 % of the disk, at most 100 GB
/// @param minFreeSpace kept free on the disk; default 20 %
/// @param rules the operator's own, in order; empty: the default ones
public record GcConfig(
    boolean enabled,
    DiskSpace reservedSpace,
    DiskSpace maxUsedSpace,
    DiskSpace minFreeSpace,
    List<Rule> rules) {
  private static final long GB = 1_000_000_000;

  public GcConfig {
    rules = List.copyOf(rules);
  }

  /// One rule. Spaces that are zero set no limit.
  ///
  /// @param all also internal and frontend records
  /// @param filters containerd filters, any of which may match; empty: everything
  public record Rule(
      boolean all,
      List<String> filters,
      Duration keepDuration,
      DiskSpace reservedSpace,
      DiskSpace maxUsedSpace,
      DiskSpace minFreeSpace) {
    public Rule {
      filters = List.copyOf(filters);
    }
  }

  /// A rule with its spaces in bytes.
  public record ResolvedRule(
      boolean all,
      List<String> filters,
      Duration keepDuration,
      long reservedBytes,
      long maxUsedBytes,
      long minFreeBytes) {}

  /// The rules in force, in order.
  ///
  /// @param totalBytes size of the disk that holds the daemon's state
  public List<ResolvedRule> resolve(long totalBytes) {
    List<Rule> inForce = rules.isEmpty() ? defaultRules(totalBytes) : rules;
    return inForce.stream()
        .map(
            rule ->
                new ResolvedRule(
                    rule.all(),
                    rule.filters(),
                    rule.keepDuration(),
                    rule.reservedSpace().bytes(totalBytes),
                    rule.maxUsedSpace().bytes(totalBytes),
                    rule.minFreeSpace().bytes(totalBytes)))
        .toList();
  }

  private List<Rule> defaultRules(long totalBytes) {
    DiskSpace reserved =
        orElse(reservedSpace, capped(new DiskSpace.Share(10), 10 * GB, totalBytes));
    DiskSpace max = orElse(maxUsedSpace, capped(new DiskSpace.Share(80), 100 * GB, totalBytes));
    DiskSpace free = orElse(minFreeSpace, new DiskSpace.Share(20));
    List<String> cheapToMakeAgain =
        List.of("type==source.local", "type==exec.cachemount", "type==source.git.checkout");
    DiskSpace none = DiskSpace.NONE;
    return List.of(
        new Rule(
            false,
            cheapToMakeAgain,
            Duration.ofHours(48),
            none,
            new DiskSpace.Bytes(512_000_000),
            none),
        new Rule(false, List.of(), Duration.ofDays(60), reserved, max, free),
        new Rule(false, List.of(), Duration.ZERO, reserved, max, free),
        new Rule(true, List.of(), Duration.ZERO, reserved, max, free));
  }

  private static DiskSpace orElse(DiskSpace given, DiskSpace otherwise) {
    return given.equals(DiskSpace.NONE) ? otherwise : given;
  }

  private static DiskSpace capped(DiskSpace share, long most, long totalBytes) {
    return new DiskSpace.Bytes(Math.min(share.bytes(totalBytes), most));
  }
}
