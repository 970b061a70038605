package dev.slipway.solver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.solver.ResultStore.StoredResult;
import dev.slipway.solver.cachekey.CacheKeyStore;
import dev.slipway.solver.cachekey.CombinedCacheKeys;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.solver.cachekey.KeyResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The key store and the result store together, as tasks use them. Trouble with the cache is
/// reported and otherwise looks like a cache that knows nothing: it never fails a build. Blocking;
/// thread-safe.
final class CacheAccess<R extends Result> {
  private final CacheKeyStore own;
  private final CacheKeyStore keys;
  private final ResultStore<R> results;
  private final Consumer<BuildFailure> trouble;
  private final List<ImportedCache<R>> imports;

  CacheAccess(CacheKeyStore keys, ResultStore<R> results, Consumer<BuildFailure> trouble) {
    this(keys, results, trouble, List.of());
  }

  private CacheAccess(
      CacheKeyStore own,
      ResultStore<R> results,
      Consumer<BuildFailure> trouble,
      List<ImportedCache<R>> imports) {
    this.own = own;
    this.keys =
        imports.isEmpty()
            ? own
            : new CombinedCacheKeys(own, imports.stream().map(ImportedCache::keys).toList());
    this.results = results;
    this.trouble = trouble;
    this.imports = imports;
  }

  /// The same, looking into these too.
  CacheAccess<R> with(List<ImportedCache<R>> others) {
    Map<String, ImportedCache<R>> each = new LinkedHashMap<>();
    others.forEach(other -> each.putIfAbsent(other.id(), other));
    return each.isEmpty()
        ? this
        : new CacheAccess<>(own, results, trouble, List.copyOf(each.values()));
  }

  CacheContents<R> contents() {
    List<ResultStore<R>> stores = new ArrayList<>(List.of(results));
    imports.forEach(imported -> stores.add(imported.results()));
    return new CacheContents<>(keys, new CombinedResults<>(stores));
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
    StoredResult stored = new StoredResult(hit.result().id(), hit.result().createdAt());
    Optional<ImportedCache<R>> from = importOf(stored.id());
    R result;
    if (from.isPresent()) {
      result = load(stored, from.get(), context);
      adopt(hit.key(), result);
    } else {
      result = results.load(stored, context);
      link(hit.key(), hit.key());
    }
    aliases.forEach(alias -> link(hit.key(), alias));
    return result;
  }

  private R load(StoredResult stored, ImportedCache<R> from, EvaluationContext context) {
    try {
      return from.results().load(stored, context);
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure failure) {
      throw switch (from.trouble()) {
        case COSTS_STEPS -> failure;
        case FAILS_BUILDS -> new Refused(refusal(from.id(), failure));
      };
    }
  }

  /// A cache that must not lose anything has lost something: unlike other trouble, this ends the
  /// build.
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Throwable failure;

    Refused(Throwable failure) {
      super(failure);
      this.failure = failure;
    }

    Throwable failure() {
      return failure;
    }
  }

  /// As the user is told that a cache lost something that must not.
  static Throwable refusal(String cache, Throwable reason) {
    return reason instanceof BuildFailure known
        ? known.in("the cache " + cache + " has lost a result, and is not to (ignore-error=false)")
        : reason;
  }

  /// The cache from which the hit is to be loaded, if that is one that must not lose anything.
  Optional<String> requiredSource(Hit hit) {
    return tolerantly(
        () ->
            importOf(hit.result().id())
                .filter(from -> from.trouble() == ImportedCache.Trouble.FAILS_BUILDS)
                .map(ImportedCache::id),
        Optional.empty());
  }

  /// Forgets a result that could not be loaded, if it is really gone.
  void forgetIfGone(Hit hit) {
    tolerantly(
        () -> {
          String id = hit.result().id();
          if (!results.exists(id) && importOf(id).isEmpty()) {
            keys.removeResult(hit.result().id());
          }
          return true;
        },
        false);
  }

  /// Forgets a result that was loaded and proved useless.
  void forget(Hit hit, R lost) {
    tolerantly(
        () -> {
          importOf(hit.result().id()).ifPresent(from -> from.results().lost(hit.result().id()));
          return true;
        },
        false);
    forget(lost);
  }

  /// Forgets a result of the own store that proved useless.
  void forget(R lost) {
    tolerantly(
        () -> {
          results.save(lost).ifPresent(kept -> own.removeResult(kept.id()));
          return true;
        },
        false);
  }

  /// What was recorded.
  ///
  /// @param keys with the names they have in the store
  /// @param stored id under which the result was stored
  record Recorded(List<CacheKey> keys, Optional<String> stored) {
    Recorded {
      keys = List.copyOf(keys);
    }
  }

  /// Keeps the result under every key, so that later builds find it.
  Recorded record(List<CacheKey> computed, List<CacheKey> aliases, R result) {
    return tolerantly(
        () -> {
          Optional<KeyResult> stored =
              results.save(result).map(saved -> new KeyResult(saved.id(), saved.createdAt()));
          if (stored.isEmpty()) {
            return new Recorded(computed, Optional.empty());
          }
          List<CacheKey> recorded = new ArrayList<>();
          for (CacheKey key : computed) {
            recorded.add(key.withId(keys.record(key.asRecord(), stored)));
          }
          // With the result once more: what has one is kept at once, and a step that was seen to
          // end
          // is found by its files, too, whatever happens to the daemon next.
          for (CacheKey alias : aliases) {
            keys.recordAs(recorded.getFirst().id(), alias.asRecord(), stored);
          }
          return new Recorded(recorded, stored.map(KeyResult::id));
        },
        new Recorded(computed, Optional.empty()));
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

  /// Which of the imports is to load it; empty when it is the daemon's own.
  private Optional<ImportedCache<R>> importOf(String resultId) {
    return imports.isEmpty() || results.exists(resultId)
        ? Optional.empty()
        : imports.stream().filter(imported -> imported.results().exists(resultId)).findFirst();
  }

  /// Keeps what was imported, with all that leads to it, so that later builds find it without the
  /// import.
  private void adopt(CacheKey key, R result) {
    tolerantly(
        () -> {
          Optional<KeyResult> kept =
              results.save(result).map(saved -> new KeyResult(saved.id(), saved.createdAt()));
          own.recordAs(key.id(), key.asRecord(), kept);
          Set<KeyId> seen = new HashSet<>(Set.of(key.id()));
          Deque<CacheKey> open = new ArrayDeque<>(List.of(key));
          while (!open.isEmpty()) {
            for (List<CacheKey.Link> alternatives : open.pop().inputs()) {
              for (CacheKey.Link alternative : alternatives) {
                CacheKey input = alternative.key();
                if (seen.add(input.id())) {
                  own.recordAs(input.id(), input.asRecord(), Optional.empty());
                  open.push(input);
                }
              }
            }
          }
          return true;
        },
        false);
  }

  private boolean exists(String resultId) {
    return results.exists(resultId) || importOf(resultId).isPresent();
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
                    match.results().stream().filter(result -> exists(result.id())).toList()))
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
