package dev.slipway.session;

import java.time.Duration;

/// How often a client is asked whether it is still there, and when it counts as gone.
///
/// @param interval between two checks
/// @param timeout shortest time an answer may take; half as much again as the last answer took is
///   allowed too
/// @param failures in a row that end the session
public record HealthPolicy(Duration interval, Duration timeout, int failures) {
  /// BuildKit's: lenient on purpose, as a check may wait behind much data on a slow line.
  public static final HealthPolicy STANDARD =
      new HealthPolicy(Duration.ofSeconds(5), Duration.ofSeconds(15), 2);

  /// What a client asked for itself.
  HealthPolicy withTimeout(Duration asked) {
    return new HealthPolicy(asked, asked, 1);
  }
}
