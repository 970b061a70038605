package dev.slipway.solver;

import dev.slipway.oci.Digest;
import java.util.List;
import java.util.Optional;

/// What the search needs to know of a cache map; the functions themselves stay with the vertex.
///
/// @param exported results found by it may go into exported caches
record MapFacts(Digest digest, boolean shareable, boolean exported, List<InputFacts> inputs) {
  MapFacts {
    inputs = List.copyOf(inputs);
  }

  static MapFacts of(CacheMap<?> map, boolean exported) {
    return new MapFacts(
        map.digest(),
        map.shareable(),
        exported,
        map.inputs().stream()
            .map(
                input ->
                    new InputFacts(
                        input.selector(),
                        input.contentKey().isPresent(),
                        input.preparation().isPresent()))
            .toList());
  }

  record InputFacts(Optional<Digest> selector, boolean hasContentKey, boolean hasPreparation) {}
}
