package dev.slipway.solver;

import dev.slipway.failure.NotFound;
import java.util.List;
import java.util.Optional;

/// Results of several stores; saves into the first. Thread-safe as its parts are.
final class CombinedResults<R extends Result> implements ResultStore<R> {
  private final List<ResultStore<R>> stores;

  CombinedResults(List<ResultStore<R>> stores) {
    this.stores = List.copyOf(stores);
  }

  @Override
  public Optional<StoredResult> save(R result) {
    return stores.getFirst().save(result);
  }

  @Override
  public R load(StoredResult stored, EvaluationContext context) {
    return stores.stream()
        .filter(store -> store.exists(stored.id()))
        .findFirst()
        .orElseThrow(() -> new NotFound("the cached result " + stored.id() + " was removed"))
        .load(stored, context);
  }

  @Override
  public boolean exists(String id) {
    return stores.stream().anyMatch(store -> store.exists(id));
  }
}
