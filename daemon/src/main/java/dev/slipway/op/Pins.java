package dev.slipway.op;

import dev.slipway.oci.Digest;
import dev.slipway.proxy.Fetches;
import dev.slipway.usage.StepUsage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What sources resolved to, what steps fetched and used, by their vertex: for provenance. A vertex
/// that a build holds is not resolved again, so that what is noted stands for it. The least
/// recently noted are forgotten. Guarded by its monitor.
public final class Pins {
  private static final int KEPT = 1 << 14;
  private static final int KEPT_FETCHES = 1 << 10;
  private static final int KEPT_SAMPLES = 1 << 13;

  private final Map<Digest, String> pins = new Newest<>(KEPT);
  private final Map<Digest, Fetches> fetches = new Newest<>(KEPT_FETCHES);

  private final LinkedHashMap<Digest, StepUsage> usages = new LinkedHashMap<>();
  private int samples;

  private static final class Newest<V> extends LinkedHashMap<Digest, V> {
    private static final long serialVersionUID = 1L;

    private final int most;

    Newest(int most) {
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Digest, V> eldest) {
      return size() > most;
    }
  }

  synchronized void note(Digest vertex, String pin) {
    pins.remove(vertex);
    pins.put(vertex, pin);
  }

  synchronized void note(Digest vertex, Fetches fetched) {
    fetches.remove(vertex);
    fetches.put(vertex, fetched);
  }

  synchronized void note(Digest vertex, StepUsage usage) {
    forget(vertex);
    usages.put(vertex, usage);
    samples += usage.samples().size();
    while (samples > KEPT_SAMPLES) {
      forget(usages.sequencedKeySet().getFirst());
    }
  }

  private void forget(Digest vertex) {
    StepUsage known = usages.remove(vertex);
    samples -= known == null ? 0 : known.samples().size();
  }

  /// What a step used when it ran last; empty when it did not run, or could not be measured.
  public synchronized Optional<StepUsage> usage(Digest vertex) {
    return Optional.ofNullable(usages.get(vertex));
  }

  /// What a step fetched through the proxy; empty when it did not run, or not behind one.
  public synchronized Optional<Fetches> fetches(Digest vertex) {
    return Optional.ofNullable(fetches.get(vertex));
  }

  /// Digest or commit; empty when the source was not resolved or has no such thing.
  public synchronized Optional<String> find(Digest vertex) {
    return Optional.ofNullable(pins.get(vertex));
  }
}
