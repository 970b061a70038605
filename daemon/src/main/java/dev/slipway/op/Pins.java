package dev.slipway.op;

import dev.slipway.oci.Digest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What sources resolved to, by their vertex: for provenance. A vertex that a build holds is not
/// resolved again, so that what is noted stands for it. The least recently noted are forgotten.
/// Guarded by its monitor.
public final class Pins {
  private static final int KEPT = 1 << 14;

  private final Map<Digest, String> pins =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, String> eldest) {
          return size() > KEPT;
        }
      };

  synchronized void note(Digest vertex, String pin) {
    pins.remove(vertex);
    pins.put(vertex, pin);
  }

  /// Digest or commit; empty when the source was not resolved or has no such thing.
  public synchronized Optional<String> find(Digest vertex) {
    return Optional.ofNullable(pins.get(vertex));
  }
}
