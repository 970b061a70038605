package dev.slipway.solver;

import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyLink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The edges that are being worked on, by the keys they will be found by: where two vertices of
/// different definitions turn out to be the same work, this is noticed before it is done twice. The
/// rule is that of the key store: equal when every input has an alternative in common. Confined to
/// the loop.
final class ActiveKeys<E> {
  private final Map<Source, Set<E>> edges = new HashMap<>();
  private final Map<E, Set<Source>> sources = new HashMap<>();

  /// Adds the edge under one of its keys.
  ///
  /// @param inputs what stands for each input; a root has one list, with its own key
  void add(E edge, List<List<Source>> inputs) {
    for (List<Source> alternatives : inputs) {
      for (Source source : alternatives) {
        edges.computeIfAbsent(source, _ -> new LinkedHashSet<>()).add(edge);
        sources.computeIfAbsent(edge, _ -> new LinkedHashSet<>()).add(source);
      }
    }
  }

  /// The first edge added that has a source in common in every list, and passes.
  Optional<E> find(List<List<Source>> inputs, Predicate<E> passes) {
    Set<E> common = new LinkedHashSet<>(at(inputs.getFirst()));
    for (List<Source> alternatives : inputs.subList(1, inputs.size())) {
      if (common.size() < 2) {
        break; // nearly always only the asking edge itself
      }
      common.retainAll(at(alternatives));
    }
    return common.stream().filter(passes).findFirst();
  }

  void remove(E edge) {
    for (Source source : Optional.ofNullable(sources.remove(edge)).orElse(Set.of())) {
      Set<E> sharing = edges.get(source);
      if (sharing != null && sharing.remove(edge) && sharing.isEmpty()) {
        edges.remove(source);
      }
    }
  }

  boolean isEmpty() {
    return edges.isEmpty() && sources.isEmpty();
  }

  private Set<E> at(List<Source> alternatives) {
    Set<E> all = new LinkedHashSet<>();
    for (Source source : new ArrayList<>(alternatives)) {
      all.addAll(Optional.ofNullable(edges.get(source)).orElse(Set.of()));
    }
    return all;
  }

  /// One thing an input is known by: a key and what of it counts. A root's own key has no link.
  record Source(KeyId key, Optional<KeyLink> link) {}
}
