package dev.slipway.solver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.solver.CacheDecision.Reason;
import dev.slipway.solver.cachekey.CacheKeyView;
import dev.slipway.solver.cachekey.CacheKeyView.Continuation;
import dev.slipway.solver.cachekey.KeyId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Why a search ended the way it did.
///
/// @param nearest the earlier record that comes closest
record Explanation(Reason reason, Optional<KeyId> nearest) {
  /// Explains a hit.
  static Reason ofHit(Knowledge known, Hit hit) {
    List<Integer> byContent = new ArrayList<>();
    for (int number = 0; number < known.inputs().size(); number++) {
      if (!known.inputs().get(number).isReachedByDefinition(hit.key().id())) {
        byContent.add(number);
      }
    }
    return byContent.isEmpty()
        ? new Reason.ByDefinition()
        : new Reason.ByContent(List.copyOf(byContent));
  }

  /// Explains a miss. Reads the store.
  static Explanation ofMiss(Knowledge known, CacheKeyView store) {
    try {
      return explain(known, store);
    } catch (BuildFailure unreadable) {
      return new Explanation(new Reason.NeverSeen(), Optional.empty());
    }
  }

  private static Explanation explain(Knowledge known, CacheKeyView store) {
    Optional<KeyId> gone = known.candidates().keySet().stream().map(CacheKey::id).findFirst();
    if (gone.isPresent()) {
      return new Explanation(new Reason.ResultsGone(), gone);
    }
    for (int number = 0; number < known.inputs().size(); number++) {
      if (!known.inputs().get(number).isSearchable()) {
        return new Explanation(new Reason.InputForced(number), Optional.empty());
      }
    }
    return sameOperation(known, store)
        .or(() -> sameInputs(known, store))
        .orElseGet(() -> new Explanation(new Reason.NeverSeen(), Optional.empty()));
  }

  /// The record of the same operation that most inputs lead to; the first input that does not is
  /// what differs.
  private static Optional<Explanation> sameOperation(Knowledge known, CacheKeyView store) {
    if (known.isRoot()) {
      return Optional.empty();
    }
    Map<KeyId, Integer> agreeing = new LinkedHashMap<>();
    known
        .inputs()
        .forEach(input -> input.allMatches().forEach(key -> agreeing.merge(key, 1, Integer::sum)));
    Optional<KeyId> nearest =
        agreeing.entrySet().stream()
            .max(Comparator.comparingInt(Map.Entry::getValue))
            .map(Map.Entry::getKey);
    if (nearest.isPresent()) {
      for (int number = 0; number < known.inputs().size(); number++) {
        if (!known.inputs().get(number).allMatches().contains(nearest.get())) {
          boolean knowsAnother = known.inputs().get(number).isMatched();
          boolean allKnown =
              knowsAnother && known.inputs().stream().allMatch(InputKnowledge::isMatched);
          Reason reason =
              allKnown ? new Reason.InputsNeverTogether() : new Reason.InputDiffers(number);
          return Optional.of(new Explanation(reason, nearest));
        }
      }
    }
    return store
        .anyOf(known.maps().getFirst().digest(), known.output())
        .map(any -> new Explanation(new Reason.InputDiffers(0), Optional.of(any)));
  }

  /// A record made of the same first input by another operation.
  private static Optional<Explanation> sameInputs(Knowledge known, CacheKeyView store) {
    if (known.isRoot()) {
      return Optional.empty();
    }
    for (CacheKey.Link link : known.inputs().getFirst().searchable(0)) {
      for (Continuation other : store.continuations(link.key().id())) {
        if (other.link().input() == 0
            && !other.link().operation().equals(known.maps().getFirst().digest())) {
          return Optional.of(
              new Explanation(
                  new Reason.OperationDiffers(other.link().operation()),
                  Optional.of(other.target())));
        }
      }
    }
    return Optional.empty();
  }
}
