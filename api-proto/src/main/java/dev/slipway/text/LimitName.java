package dev.slipway.text;

import java.util.Set;

/// Names of the limits that a process may have, as Docker's clients and Dockerfile frontends take
/// them (`docker/go-units`, `ulimit.go`).
public final class LimitName {
  private static final Set<String> NAMES =
      Set.of(
          "core",
          "cpu",
          "data",
          "fsize",
          "locks",
          "memlock",
          "msgqueue",
          "nice",
          "nofile",
          "nproc",
          "rss",
          "rtprio",
          "rttime",
          "sigpending",
          "stack");

  private LimitName() {}

  /// Whether there is a limit of that name.
  public static boolean isKnown(String name) {
    return NAMES.contains(name);
  }
}
