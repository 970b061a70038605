package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unavailable;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/// How long a server that refused wants to be left alone (`Retry-After`, RFC 9110, 10.2.3): travels
/// as the cause of the failure.
final class Later extends Exception {
  private static final long serialVersionUID = 1;
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final transient Duration pause;

  private Later(Duration pause) {
    super("retry after " + pause, null, false, false);
    this.pause = pause;
  }

  /// The failure for an answer that is no success, with the time to wait where the answer tells it.
  static BuildFailure failure(HttpAnswer answer, String action, Instant now) {
    BuildFailure failure = WireErrors.of(answer, action);
    Optional<Duration> asked = answer.header("Retry-After").flatMap(text -> pause(text, now));
    if (asked.isEmpty() || !(failure instanceof Unavailable)) {
      return failure;
    }
    Unavailable wrapped = new Unavailable(failure.text(), new Later(asked.get()));
    return failure.facts().isEmpty() ? wrapped : wrapped.with(failure.facts().getFirst());
  }

  /// The time asked for, within reason.
  static Duration after(Unavailable failed, Duration usual) {
    for (Throwable each = failed; each != null; each = each.getCause()) {
      if (each.getCause() instanceof Later later) {
        return later.pause.compareTo(LONGEST) > 0 ? LONGEST : later.pause;
      }
    }
    return usual;
  }

  /// Seconds, or a date.
  private static Optional<Duration> pause(String header, Instant now) {
    if (header.matches("[0-9]{1,6}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(header)));
    }
    try {
      Duration left =
          Duration.between(now, DateTimeFormatter.RFC_1123_DATE_TIME.parse(header, Instant::from));
      return Optional.of(left.isNegative() ? Duration.ZERO : left);
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }
}
