package dev.slipway.solver;

import dev.slipway.solver.cachekey.KeyMatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What can happen to an edge. Results themselves stay outside: the state knows only that there is
/// one.
sealed interface EdgeEvent {
  /// Those that depend on the edge want this much of it now.
  record Wanted(Level level) implements EdgeEvent {}

  record MapKnown(MapFacts map, boolean last) implements EdgeEvent {}

  record InputMoved(int input, EdgeView view) implements EdgeEvent {}

  record Answered(Map<Probe, List<KeyMatch>> answers) implements EdgeEvent {}

  record ContentKnown(int input, CacheKey key) implements EdgeEvent {}

  record Prepared(int input) implements EdgeEvent {}

  /// A hit was loaded.
  record Loaded(Hit hit) implements EdgeEvent {}

  /// A hit was none after all: it could not be loaded, or proved useless after it was.
  record LoadFailed(Hit hit) implements EdgeEvent {}

  /// The vertex ran.
  ///
  /// @param keys by which this output is found again
  /// @param stored id under which it was stored
  record Executed(List<CacheKey> keys, Optional<String> stored) implements EdgeEvent {}

  /// Results of inputs were lost that the vertex ran on, or was about to: what came of it is lost
  /// with them, and nothing that was found out about the inputs' results holds for the next.
  record InputsLost() implements EdgeEvent {}

  /// What was found is lost, and its cache is one that must not lose anything.
  record Refused(Throwable failure) implements EdgeEvent {}

  /// Something this edge cannot do without failed.
  record Broke(Throwable failure) implements EdgeEvent {}
}
