package dev.slipway.solver;

import dev.slipway.oci.Digest;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.solver.cachekey.KeyResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Everything an edge has found out so far, and how much is wanted of it. Immutable; knows facts,
/// decides nothing.
///
/// @param forced the vertex ignores the cache: nothing is looked up
/// @param maps the cache maps known so far, in order
/// @param lastMap there are no more of them
/// @param rootAnswers what the store said about the keys of a vertex without inputs
/// @param dead ids of results that could not be loaded
record Knowledge(
    int output,
    boolean forced,
    Level wanted,
    List<MapFacts> maps,
    boolean lastMap,
    List<InputKnowledge> inputs,
    Map<Probe, List<KeyMatch>> rootAnswers,
    Set<String> dead) {

  static Knowledge nothing(int output, boolean forced, int inputs) {
    return new Knowledge(
        output,
        forced,
        Level.NONE,
        List.of(),
        false,
        IntStream.range(0, inputs)
            .mapToObj(number -> InputKnowledge.nothing(number, output))
            .toList(),
        Map.of(),
        Set.of());
  }

  /// An edge that was left alone for a while asks again what it did not find.
  Knowledge withWanted(Level level) {
    if (wanted != Level.NONE || level == Level.NONE) {
      return new Knowledge(output, forced, level, maps, lastMap, inputs, rootAnswers, dead);
    }
    Map<Probe, List<KeyMatch>> root = new HashMap<>(rootAnswers);
    root.values().removeIf(List::isEmpty);
    return new Knowledge(
        output,
        forced,
        level,
        maps,
        lastMap,
        inputs.stream().map(InputKnowledge::forgettingMisses).toList(),
        root,
        dead);
  }

  /// Adds the next cache map.
  Knowledge withMap(MapFacts map, boolean last) {
    List<MapFacts> known = new ArrayList<>(maps);
    known.add(map);
    List<MapFacts> all = List.copyOf(known);
    return new Knowledge(
        output,
        forced,
        wanted,
        all,
        last,
        inputs.stream().map(input -> input.withMaps(all)).toList(),
        rootAnswers,
        dead);
  }

  Knowledge withInput(int number, InputKnowledge input) {
    List<InputKnowledge> all = new ArrayList<>(inputs);
    all.set(number, input);
    return new Knowledge(output, forced, wanted, maps, lastMap, all, rootAnswers, dead);
  }

  Knowledge withAnswers(Map<Probe, List<KeyMatch>> given) {
    Map<Probe, List<KeyMatch>> root = new HashMap<>(rootAnswers);
    given.forEach(
        (probe, answer) -> {
          if (probe.link().isEmpty()) {
            root.put(probe, answer);
          }
        });
    return new Knowledge(
        output,
        forced,
        wanted,
        maps,
        lastMap,
        inputs.stream().map(input -> input.withAnswers(given)).toList(),
        root,
        dead);
  }

  Knowledge withDead(String resultId) {
    Set<String> all = new HashSet<>(dead);
    all.add(resultId);
    return new Knowledge(output, forced, wanted, maps, lastMap, inputs, rootAnswers, all);
  }

  /// Nothing is known of the inputs' results any more.
  Knowledge withoutInputs() {
    return new Knowledge(
        output,
        forced,
        wanted,
        maps,
        lastMap,
        inputs.stream().map(input -> input.withView(EdgeView.NOTHING)).toList(),
        rootAnswers,
        dead);
  }

  boolean isRoot() {
    return inputs.isEmpty();
  }

  /// Questions for the key store that were not answered yet. None are asked for forced work.
  List<Probe> openProbes() {
    if (forced) {
      return List.of();
    }
    if (isRoot()) {
      return IntStream.range(0, maps.size())
          .mapToObj(this::rootProbe)
          .filter(probe -> !rootAnswers.containsKey(probe))
          .toList();
    }
    return inputs.stream().flatMap(input -> input.open().stream()).toList();
  }

  /// The keys in the store that are reached from every input (or the root's own), with their
  /// results.
  Map<CacheKey, List<KeyResult>> candidates() {
    Map<CacheKey, List<KeyResult>> found = new LinkedHashMap<>();
    if (forced || !allInputsMatched()) {
      return found;
    }
    for (int map = 0; map < maps.size(); map++) {
      for (Map.Entry<KeyId, List<KeyResult>> one : reached(map).entrySet()) {
        found.put(key(map, Optional.of(one.getKey())), one.getValue());
      }
    }
    return found;
  }

  /// The best result to load: the newest that was not found dead.
  Optional<Hit> hit() {
    return candidates().entrySet().stream()
        .flatMap(one -> one.getValue().stream().map(result -> new Hit(one.getKey(), result)))
        .filter(hit -> !dead.contains(hit.result().id()))
        .max(Comparator.comparing(hit -> hit.result().createdAt()));
  }

  /// The key by one of the cache maps, with all that is known to stand for the inputs now.
  private CacheKey key(int map, Optional<KeyId> id) {
    MapFacts facts = maps.get(map);
    List<List<CacheKey.Link>> links = inputs.stream().map(input -> input.links(map)).toList();
    CacheKey fresh = new CacheKey(facts.digest(), output, facts.shareable(), links);
    return (facts.exported() ? fresh : fresh.withoutExport()).withId(id.orElse(fresh.id()));
  }

  /// Everything by which a result of this edge should be found from now on.
  List<CacheKey> keys() {
    return IntStream.range(0, maps.size())
        .mapToObj(map -> key(map, Optional.empty()))
        .distinct()
        .toList();
  }

  /// No hit is possible any more: some input leads nowhere, whatever else is tried.
  boolean isHopeless() {
    return forced
        || lastMap && inputs.stream().anyMatch(input -> input.isExhausted() && !input.isMatched());
  }

  /// Nothing that follows from the definition alone is left to be tried.
  boolean isFastSettled() {
    return !maps.isEmpty()
        && openRootProbes().isEmpty()
        && (inputs.stream().allMatch(InputKnowledge::isFastDone)
            || inputs.stream().anyMatch(input -> input.isFastDone() && !input.isMatched()));
  }

  /// Whether a result of this edge may only be used by those that asked for it to be made again.
  boolean isTainted() {
    return forced || inputs.stream().anyMatch(input -> !input.isSearchable());
  }

  private boolean allInputsMatched() {
    for (InputKnowledge input : inputs) {
      if (!input.isMatched()) {
        return false;
      }
    }
    return true;
  }

  private List<Probe> openRootProbes() {
    return isRoot() ? openProbes() : List.of();
  }

  private Map<KeyId, List<KeyResult>> reached(int map) {
    Map<KeyId, List<KeyResult>> all = new LinkedHashMap<>();
    if (isRoot()) {
      Optional.ofNullable(rootAnswers.get(rootProbe(map)))
          .orElse(List.of())
          .forEach(match -> all.put(match.key(), match.results()));
      return all;
    }
    Set<KeyId> common = new LinkedHashSet<>(inputs.getFirst().matches(map).keySet());
    inputs.forEach(input -> common.retainAll(input.matches(map).keySet()));
    common.forEach(key -> all.put(key, inputs.getLast().matches(map).get(key)));
    return all;
  }

  /// What stands for a vertex without inputs in the index of active keys.
  ActiveKeys.Source sourceOfRoot(int map) {
    return new ActiveKeys.Source(rootProbe(map).key(), Optional.empty());
  }

  private Probe rootProbe(int map) {
    Digest digest = maps.get(map).digest();
    return new Probe(KeyId.root(digest, output, maps.get(map).shareable()), Optional.empty(), map);
  }
}
