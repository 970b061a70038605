package dev.slipway.solver;

import dev.slipway.failure.NotFound;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Keeps toy results by id; any of them can be lost, with or without the store noticing.
final class ToyResults implements ResultStore<ToyResult> {
  private static final String PREFIX = "result";

  final AtomicInteger openHolds = new AtomicInteger();
  final AtomicInteger loads = new AtomicInteger();
  private final Map<String, String> values = new ConcurrentHashMap<>();
  private final Set<String> unloadable = ConcurrentHashMap.newKeySet();
  private final Set<String> hollow = ConcurrentHashMap.newKeySet();
  private final AtomicInteger saved = new AtomicInteger();
  volatile boolean refuses;

  ToyResult make(String value) {
    return new ToyResult(value, new ToyResult.Kept(), openHolds);
  }

  /// One that is made of others, and shares what they have.
  ToyResult make(String value, List<ToyResult> parts) {
    return new ToyResult(
        value, new ToyResult.Kept(parts.stream().map(ToyResult::kept).toList()), openHolds);
  }

  /// The results still look as if they were there, but loading them fails.
  void breakLoads() {
    unloadable.addAll(values.keySet());
  }

  /// The results can still be loaded, but not be made ready.
  void hollowOut() {
    hollow.addAll(values.keySet());
  }

  void evictAll() {
    values.clear();
  }

  @Override
  public Optional<StoredResult> save(ToyResult result) {
    if (refuses) {
      return Optional.empty();
    }
    ToyResult.Kept kept = result.kept();
    synchronized (kept) {
      if (kept.id.isEmpty()) {
        kept.id = PREFIX + saved.incrementAndGet();
        if (kept.isLost()) {
          hollow.add(kept.id);
        }
      }
    }
    values.put(kept.id, result.value());
    long number = Long.parseLong(kept.id.substring(PREFIX.length()));
    return Optional.of(new StoredResult(kept.id, Instant.EPOCH.plusSeconds(number)));
  }

  @Override
  public ToyResult load(StoredResult stored, EvaluationContext context) {
    loads.incrementAndGet();
    if (unloadable.contains(stored.id())) {
      throw new NotFound("blob of " + stored.id() + " is gone");
    }
    ToyResult loaded =
        make(
            Optional.ofNullable(values.get(stored.id()))
                .orElseThrow(() -> new NotFound(stored.id() + " is gone")));
    loaded.kept().id = stored.id();
    loaded.kept().isHollow = hollow.contains(stored.id());
    return loaded;
  }

  @Override
  public boolean exists(String id) {
    return values.containsKey(id);
  }
}
