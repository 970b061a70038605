package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.task.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Which registries would not take a blob of a length that nobody knows yet: to some it is against
/// their nature, others could not just then. Bounded; thread-safe: the map is guarded by its
/// monitor.
final class StreamRefusals {
  private static final Duration REFUSED = Duration.ofDays(1);
  private static final Duration BROKEN = Duration.ofMinutes(10);
  private static final int MOST = 1000;

  private final Clock clock;
  private final Map<String, Instant> until =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > MOST;
        }
      };

  StreamRefusals(Clock clock) {
    this.clock = clock;
  }

  void note(Endpoint endpoint, BuildFailure failure) {
    boolean refused =
        failure
            .fact(RegistryAnswer.class)
            .map(RegistryAnswer::httpStatus)
            .filter(status -> status < 500 && status != 429 || status == 501)
            .isPresent();
    synchronized (until) {
      until.put(endpoint.authority(), clock.now().plus(refused ? REFUSED : BROKEN));
    }
  }

  boolean has(Endpoint endpoint) {
    synchronized (until) {
      Instant end = until.get(endpoint.authority());
      return end != null && clock.now().isBefore(end);
    }
  }
}
