package dev.slipway.ref;

import dev.slipway.failure.BuildFailure;
import dev.slipway.oci.Digest;
import dev.slipway.task.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Which blobs were not where they were said to be when somebody needed them, so that those who
/// have to decide what to do about it need not fetch them to find out. Kept for a while only: what
/// was away may be back. Thread-safe.
final class LayerLosses {
  private static final Duration KEPT = Duration.ofMinutes(5);

  private final Clock clock;
  private final Map<Place, Instant> noted = new ConcurrentHashMap<>();

  private final AtomicLong count = new AtomicLong();

  private record Place(Digest blob, Optional<LayerOrigin> origin) {}

  LayerLosses(Clock clock) {
    this.clock = clock;
  }

  /// @param failure what was met with; noted only if it may be a loss
  void note(Digest blob, Optional<LayerOrigin> origin, BuildFailure failure) {
    if (isLoss(failure)) {
      Instant now = clock.now();
      noted.values().removeIf(since -> isOver(since, now));
      noted.put(new Place(blob, origin), now);
      count.incrementAndGet();
    }
  }

  /// Whether that is what it looks like when a blob is not where it was said to be.
  static boolean isLoss(BuildFailure failure) {
    return switch (failure.kind()) {
      case NOT_FOUND, UNAVAILABLE, CORRUPT_DATA, DENIED, UNAUTHENTICATED, TIMED_OUT -> true;
      case INVALID_REQUEST,
          ALREADY_EXISTS,
          WRONG_STATE,
          CONFLICT,
          EXHAUSTED,
          UNSUPPORTED,
          CANCELLED,
          PROCESS_FAILED ->
          false;
    };
  }

  void found(Digest blob, Optional<LayerOrigin> origin) {
    noted.remove(new Place(blob, origin));
  }

  /// Whether somebody looked for the blob there not long ago, and did not get it.
  boolean isNoted(Digest blob, Optional<LayerOrigin> origin) {
    Instant since = noted.get(new Place(blob, origin));
    return since != null && !isOver(since, clock.now());
  }

  /// How often something was missed so far.
  long count() {
    return count.get();
  }

  private static boolean isOver(Instant since, Instant now) {
    return since.plus(KEPT).isBefore(now);
  }

  /// Fetches by that one, and notes what cannot be had.
  LayerFetcher noting(LayerFetcher fetcher) {
    return (blob, origin, context) -> {
      try {
        fetcher.fetch(blob, origin, context);
        found(blob.digest(), Optional.of(origin));
      } catch (BuildFailure failure) {
        note(blob.digest(), Optional.of(origin), failure);
        throw failure;
      }
    };
  }
}
