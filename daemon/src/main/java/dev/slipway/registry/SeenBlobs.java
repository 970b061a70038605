package dev.slipway.registry;

import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.task.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Which blobs repositories had a while ago, so that a push of the same again need not ask for
/// each. May be wrong: a registry can have been cleaned since. Bounded; thread-safe: the map is
/// guarded by its monitor.
final class SeenBlobs {
  private static final Duration BELIEVED = Duration.ofMinutes(10);
  private static final int MOST = 20_000;

  private final Clock clock;
  private final Map<Key, Instant> seen =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Instant> eldest) {
          return size() > MOST;
        }
      };

  SeenBlobs(Clock clock) {
    this.clock = clock;
  }

  private record Key(String authority, String repository, Digest blob) {}

  void note(Endpoint endpoint, ImageReference repository, Digest blob) {
    Key key = new Key(endpoint.authority(), repository.repository(), blob);
    synchronized (seen) {
      seen.remove(key);
      seen.put(key, clock.now());
    }
  }

  boolean has(Endpoint endpoint, ImageReference repository, Digest blob) {
    Key key = new Key(endpoint.authority(), repository.repository(), blob);
    synchronized (seen) {
      Instant when = seen.get(key);
      return when != null && clock.now().isBefore(when.plus(BELIEVED));
    }
  }

  /// Forgets all of that repository.
  void forget(Endpoint endpoint, ImageReference repository) {
    synchronized (seen) {
      seen.keySet()
          .removeIf(
              key ->
                  key.authority.equals(endpoint.authority())
                      && key.repository.equals(repository.repository()));
    }
  }
}
