package dev.slipway.solver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.solver.ResultStore.StoredResult;
import dev.slipway.solver.cachekey.CacheKeyStore;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.solver.cachekey.KeyResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The key store and the result store together, as tasks use them. Trouble with the cache is
/// reported and otherwise looks like a cache that knows nothing: it never fails a build. Blocking;
/// thread-safe.
final class CacheAccess<R extends Result> {
  private final CacheKeyStore keys;
  private final ResultStore<R> results;
  private final Consumer<BuildFailure> trouble;

  CacheAccess(CacheKeyStore keys, ResultStore<R> results, Consumer<BuildFailure> trouble) {
    this.keys = keys;
    this.results = results;
    this.trouble = trouble;
  }

  CacheKeyStore keys() {
    return keys;
  }

  /// Answers each question with the keys that were found, and of their results those that exist.
  Map<Probe, List<KeyMatch>> answer(List<Probe> probes) {
    Map<Probe, List<KeyMatch>> answers = new HashMap<>();
    for (Probe probe : probes) {
      answers.put(probe, tolerantly(() -> answer(probe), List.of()));
    }
    return answers;
  }

  /// Loads a result. All that stands for the edge's inputs leads to it from now on. Caller closes.
  ///
  /// @param aliases keys of vertices that were merged into this one
  /// @throws BuildFailure when it is gone
  R load(Hit hit, List<CacheKey> aliases, EvaluationContext context) {
    R result = results.load(new StoredResult(hit.result().id(), hit.result().createdAt()), context);
    link(hit.key(), hit.key());
    aliases.forEach(alias -> link(hit.key(), alias));
    return result;
  }

  /// Forgets a result that could not be loaded, if it is really gone.
  void forgetIfGone(Hit hit) {
    tolerantly(
        () -> {
          if (!results.exists(hit.result().id())) {
            keys.removeResult(hit.result().id());
          }
          return true;
        },
        false);
  }

  /// Keeps the result under every key, so that later builds find it.
  ///
  /// @return the keys with the names they have in the store
  List<CacheKey> record(List<CacheKey> computed, List<CacheKey> aliases, R result) {
    return tolerantly(
        () -> {
          Optional<KeyResult> stored =
              results.save(result).map(saved -> new KeyResult(saved.id(), saved.createdAt()));
          if (stored.isEmpty()) {
            return computed;
          }
          List<CacheKey> recorded = new ArrayList<>();
          for (CacheKey key : computed) {
            recorded.add(key.withId(keys.record(key.asRecord(), stored)));
          }
          aliases.forEach(alias -> link(recorded.getFirst(), alias));
          return recorded;
        },
        computed);
  }

  /// Makes what leads to the alias lead to the key too.
  void link(CacheKey key, CacheKey alias) {
    tolerantly(
        () -> {
          keys.recordAs(key.id(), alias.asRecord(), Optional.empty());
          return true;
        },
        false);
  }

  private List<KeyMatch> answer(Probe probe) {
    List<KeyMatch> found =
        probe
            .link()
            .map(link -> keys.follow(probe.key(), link))
            .orElseGet(() -> keys.find(probe.key()).stream().toList());
    return found.stream()
        .map(
            match ->
                new KeyMatch(
                    match.key(),
                    match.results().stream()
                        .filter(result -> results.exists(result.id()))
                        .toList()))
        .toList();
  }

  private <T> T tolerantly(Supplier<T> use, T otherwise) {
    try {
      return use.get();
    } catch (BuildFailure failure) {
      trouble.accept(failure);
      return otherwise;
    }
  }
}
