package dev.slipway.solver.cachekey;

import dev.slipway.oci.Digest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// Looks into the daemon's own store first and then into others that are only read, such as
/// imported caches; writes to its own.
///
/// Ids need no translation: roots have the same name everywhere, and any other id is simply one
/// more alternative, which only the store that made it will know. Where two stores know the same
/// result, the own one's comes first. Thread-safe as its parts are.
public final class CombinedCacheKeys implements CacheKeyStore {
  private final CacheKeyStore own;
  private final List<CacheKeyView> all;

  /// @param others stay the caller's
  public CombinedCacheKeys(CacheKeyStore own, List<CacheKeyView> others) {
    this.own = own;
    List<CacheKeyView> views = new ArrayList<>();
    views.add(own);
    views.addAll(others);
    this.all = List.copyOf(views);
  }

  @Override
  public Optional<KeyMatch> find(KeyId key) {
    return merged(view -> view.find(key).stream().toList()).stream().findFirst();
  }

  @Override
  public List<KeyMatch> follow(KeyId source, KeyLink link) {
    return merged(view -> view.follow(source, link));
  }

  @Override
  public List<Origin> origins(KeyId key) {
    return all.stream().flatMap(view -> view.origins(key).stream()).distinct().toList();
  }

  @Override
  public List<Continuation> continuations(KeyId key) {
    return all.stream().flatMap(view -> view.continuations(key).stream()).distinct().toList();
  }

  @Override
  public Optional<KeyId> anyOf(Digest operation, int output) {
    return all.stream().flatMap(view -> view.anyOf(operation, output).stream()).findFirst();
  }

  @Override
  public void walk(Consumer<KeyId> to) {
    Set<KeyId> seen = new HashSet<>();
    for (CacheKeyView view : all) {
      view.walk(
          key -> {
            if (seen.add(key)) {
              to.accept(key);
            }
          });
    }
  }

  @Override
  public KeyId record(KeyRecord record, Optional<KeyResult> result) {
    List<KeyMatch> known = matches(record);
    if (known.isEmpty()) {
      return own.record(record, result);
    }
    KeyId key = known.getFirst().key();
    own.recordAs(key, record, result);
    return key;
  }

  @Override
  public void recordAs(KeyId key, KeyRecord record, Optional<KeyResult> result) {
    own.recordAs(key, record, result);
  }

  @Override
  public void removeResult(String resultId) {
    own.removeResult(resultId);
  }

  @Override
  public List<KeyId> keysOf(String resultId) {
    return own.keysOf(resultId);
  }

  /// Closes the own store.
  @Override
  public void close() {
    own.close();
  }

  private List<KeyMatch> merged(Function<CacheKeyView, List<KeyMatch>> question) {
    Map<KeyId, Map<String, KeyResult>> results = new LinkedHashMap<>();
    for (CacheKeyView view : all) {
      for (KeyMatch match : question.apply(view)) {
        Map<String, KeyResult> byId =
            results.computeIfAbsent(match.key(), _ -> new LinkedHashMap<>());
        match.results().forEach(result -> byId.putIfAbsent(result.id(), result));
      }
    }
    List<KeyMatch> found = new ArrayList<>();
    results.forEach((key, byId) -> found.add(new KeyMatch(key, List.copyOf(byId.values()))));
    return found;
  }
}
