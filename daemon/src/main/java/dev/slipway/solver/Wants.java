package dev.slipway.solver;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// What an edge in its present state wants done. It is wanted until a later state no longer does:
/// whoever acts on it starts what is new and stops what is gone.
///
/// @param cacheMap the next cache map is wanted
/// @param inputs how much of each input
/// @param probes questions to the key store
/// @param preparations numbers of inputs whose results are to be made ready
/// @param contentKeys numbers of inputs whose content is to be looked at
/// @param execution the vertex is to run
record Wants(
    boolean cacheMap,
    List<Level> inputs,
    List<Probe> probes,
    List<Integer> preparations,
    List<Integer> contentKeys,
    Optional<Hit> load,
    boolean execution) {

  Wants {
    inputs = List.copyOf(inputs);
  }

  static Wants nothing(int inputs) {
    return search(false, none(inputs), List.of(), List.of(), List.of());
  }

  static Wants search(
      boolean cacheMap,
      List<Level> inputs,
      List<Probe> probes,
      List<Integer> preparations,
      List<Integer> contentKeys) {
    return new Wants(cacheMap, inputs, probes, preparations, contentKeys, Optional.empty(), false);
  }

  static Wants load(Hit hit, int inputs) {
    return new Wants(false, none(inputs), List.of(), List.of(), List.of(), Optional.of(hit), false);
  }

  /// The inputs stay wanted while the vertex runs.
  static Wants execution(int inputs) {
    return new Wants(
        false,
        Collections.nCopies(inputs, Level.RESULT),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        true);
  }

  static List<Level> none(int inputs) {
    return Collections.nCopies(inputs, Level.NONE);
  }
}
