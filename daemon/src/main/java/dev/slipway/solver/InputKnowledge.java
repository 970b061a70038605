package dev.slipway.solver;

import dev.slipway.oci.Digest;
import dev.slipway.solver.ActiveKeys.Source;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyLink;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.solver.cachekey.KeyResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What an edge knows about one of its inputs: how far it has come, by which keys it may be
/// identified, and where those keys lead. Immutable.
final class InputKnowledge {
  private final int number;
  private final int output;
  private final List<MapFacts> maps;
  private final EdgeView view;
  private final Optional<CacheKey> content;
  private final boolean prepared;
  private final Map<Probe, List<KeyMatch>> answers;
  private final List<Probe> open;
  private final List<Map<KeyId, List<KeyResult>>> matches;
  private final boolean isMatched;

  private InputKnowledge(
      int number,
      int output,
      List<MapFacts> maps,
      EdgeView view,
      Optional<CacheKey> content,
      boolean prepared,
      Map<Probe, List<KeyMatch>> answers) {
    this.number = number;
    this.output = output;
    this.maps = maps;
    this.view = view;
    this.content = content;
    this.prepared = prepared;
    this.answers = answers;
    this.open = new ArrayList<>();
    this.matches = new ArrayList<>();
    for (int map = 0; map < maps.size(); map++) {
      matches.add(new LinkedHashMap<>());
      for (CacheKey.Link alternative : searchable(map)) {
        Probe probe = probe(map, alternative);
        Optional<List<KeyMatch>> answer = Optional.ofNullable(answers.get(probe));
        if (answer.isEmpty()) {
          open.add(probe);
        }
        Map<KeyId, List<KeyResult>> reached = matches.get(map);
        answer.orElse(List.of()).forEach(match -> reached.put(match.key(), match.results()));
      }
    }
    this.isMatched = matches.stream().anyMatch(reached -> !reached.isEmpty());
  }

  static InputKnowledge nothing(int number, int output) {
    return new InputKnowledge(
        number, output, List.of(), EdgeView.NOTHING, Optional.empty(), false, Map.of());
  }

  InputKnowledge withMaps(List<MapFacts> known) {
    return new InputKnowledge(number, output, known, view, content, prepared, answers);
  }

  /// What was found out about a result does not hold for the next, when the input lost it.
  InputKnowledge withView(EdgeView seen) {
    boolean isLost = reached() == Level.RESULT && seen.reached() != Level.RESULT;
    return new InputKnowledge(
        number,
        output,
        maps,
        seen,
        isLost ? Optional.empty() : content,
        prepared && !isLost,
        answers);
  }

  InputKnowledge withContent(CacheKey key) {
    return new InputKnowledge(number, output, maps, view, Optional.of(key), prepared, answers);
  }

  InputKnowledge asPrepared() {
    return new InputKnowledge(number, output, maps, view, content, true, answers);
  }

  /// Takes those of the answers that are to questions about this input.
  InputKnowledge withAnswers(Map<Probe, List<KeyMatch>> given) {
    if (open.stream().noneMatch(given::containsKey)) {
      return this;
    }
    Map<Probe, List<KeyMatch>> all = new HashMap<>(answers);
    open.forEach(
        probe -> Optional.ofNullable(given.get(probe)).ifPresent(answer -> all.put(probe, answer)));
    return new InputKnowledge(number, output, maps, view, content, prepared, all);
  }

  Level reached() {
    return view.reached();
  }

  /// Questions about this input's keys that were not answered yet.
  List<Probe> open() {
    return open;
  }

  /// Whether some key of this input leads to a key of this edge.
  boolean isMatched() {
    return isMatched;
  }

  /// All keys of this edge that the input leads to.
  Set<KeyId> allMatches() {
    Set<KeyId> all = new LinkedHashSet<>();
    matches.forEach(reached -> all.addAll(reached.keySet()));
    return all;
  }

  /// Whether one of the input's own keys leads to that key, content set aside.
  boolean isReachedByDefinition(KeyId target) {
    return answers.entrySet().stream()
        .filter(answer -> content.stream().noneMatch(key -> key.id().equals(answer.getKey().key())))
        .anyMatch(
            answer -> answer.getValue().stream().anyMatch(match -> match.key().equals(target)));
  }

  /// Forgets questions whose answer was no: they may be worth asking again.
  InputKnowledge forgettingMisses() {
    Map<Probe, List<KeyMatch>> kept = new HashMap<>(answers);
    kept.values().removeIf(List::isEmpty);
    return kept.size() == answers.size()
        ? this
        : new InputKnowledge(number, output, maps, view, content, prepared, kept);
  }

  /// The keys of this edge that the input leads to, by cache map.
  Map<KeyId, List<KeyResult>> matches(int map) {
    return matches.get(map);
  }

  /// No more keys can come by definition.
  boolean isFastDone() {
    return reached().reaches(Level.FAST) && open.isEmpty();
  }

  /// No more keys can come at all, short of a result.
  boolean isExhausted() {
    return reached().reaches(Level.SLOW) && open.isEmpty() && !lacksContentKey();
  }

  boolean lacksContentKey() {
    return content.isEmpty()
        && maps.stream().anyMatch(map -> map.inputs().get(number).hasContentKey());
  }

  boolean lacksPreparation() {
    return !prepared && maps.stream().anyMatch(map -> map.inputs().get(number).hasPreparation());
  }

  /// Whether the input may be identified by a key, or only by being this very run (it was forced to
  /// run again).
  boolean isSearchable() {
    return content.isPresent() || !view.isForced();
  }

  /// The links that are true of this input, with the selector of that cache map, for the record.
  List<CacheKey.Link> links(int map) {
    Optional<Digest> selector = maps.get(map).inputs().get(number).selector();
    List<CacheKey.Link> links = new ArrayList<>();
    view.keys().forEach(key -> links.add(new CacheKey.Link(key, selector)));
    content.ifPresent(key -> links.add(new CacheKey.Link(key, Optional.empty())));
    return links;
  }

  /// The links by which results may be looked up: never through work that was forced to run again.
  List<CacheKey.Link> searchable(int map) {
    if (!view.isForced()) {
      return links(map);
    }
    return content.map(key -> List.of(new CacheKey.Link(key, Optional.empty()))).orElse(List.of());
  }

  /// What stands for this input in the index of active keys.
  List<Source> sources(int map) {
    return searchable(map).stream()
        .map(link -> probe(map, link))
        .map(probe -> new Source(probe.key(), probe.link()))
        .toList();
  }

  /// The input has a result that was forced to be made again: no key stands for it, only the run
  /// itself does.
  boolean isForcedRun() {
    return view.isForced() && view.reached() == Level.RESULT;
  }

  /// That run, in the index of active keys.
  Source sourceOfRun(int map, String run) {
    Optional<Digest> selector = maps.get(map).inputs().get(number).selector();
    return new Source(
        new KeyId("run:" + run),
        Optional.of(new KeyLink(number, maps.get(map).digest(), output, selector)));
  }

  private Probe probe(int map, CacheKey.Link alternative) {
    KeyLink link = alternative.asAlternative().asInput(number, maps.get(map).digest(), output);
    return new Probe(alternative.key().id(), Optional.of(link), map);
  }
}
