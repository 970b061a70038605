package dev.slipway.solver;

import dev.slipway.failure.NotFound;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Keeps toy results by id; any of them can be lost, with or without the store noticing.
final class ToyResults implements ResultStore<ToyResult> {
  final AtomicInteger openHolds = new AtomicInteger();
  final AtomicInteger loads = new AtomicInteger();
  private final Map<String, String> values = new ConcurrentHashMap<>();
  private final Set<String> unloadable = ConcurrentHashMap.newKeySet();
  private final AtomicInteger saved = new AtomicInteger();
  volatile boolean refuses;

  ToyResult make(String value) {
    return new ToyResult(value, openHolds);
  }

  /// The results still look as if they were there, but loading them fails.
  void breakLoads() {
    unloadable.addAll(values.keySet());
  }

  void evictAll() {
    values.clear();
  }

  @Override
  public Optional<StoredResult> save(ToyResult result) {
    if (refuses) {
      return Optional.empty();
    }
    int number = saved.incrementAndGet();
    String id = "result" + number;
    values.put(id, result.value());
    return Optional.of(new StoredResult(id, Instant.EPOCH.plusSeconds(number)));
  }

  @Override
  public ToyResult load(StoredResult stored, EvaluationContext context) {
    loads.incrementAndGet();
    if (unloadable.contains(stored.id())) {
      throw new NotFound("blob of " + stored.id() + " is gone");
    }
    return make(
        Optional.ofNullable(values.get(stored.id()))
            .orElseThrow(() -> new NotFound(stored.id() + " is gone")));
  }

  @Override
  public boolean exists(String id) {
    return values.containsKey(id);
  }
}
