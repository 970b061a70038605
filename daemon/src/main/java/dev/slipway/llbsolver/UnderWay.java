package dev.slipway.llbsolver;

import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;

/// Since when builds are under way, their recording included: what was stored since the oldest
/// began may be counted on by it. Guarded by its monitor.
final class UnderWay {
  private final TreeMap<Instant, Integer> starts = new TreeMap<>();

  /// From the start of a build until it is closed.
  interface Mark extends AutoCloseable {
    @Override
    void close();
  }

  /// Caller closes, once.
  synchronized Mark begin(Instant now) {
    starts.merge(now, 1, Integer::sum);
    return () -> end(now);
  }

  private synchronized void end(Instant start) {
    int left = starts.getOrDefault(start, 1) - 1;
    if (left == 0) {
      starts.remove(start);
    } else {
      starts.put(start, left);
    }
  }

  synchronized Optional<Instant> oldest() {
    return starts.isEmpty() ? Optional.empty() : Optional.of(starts.firstKey());
  }
}
