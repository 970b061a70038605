package dev.slipway.solver;

import dev.slipway.oci.Digest;
import java.util.List;
import java.util.Optional;

/// What the search needs to know of a cache map; the functions themselves stay with the vertex.
record MapFacts(Digest digest, boolean shareable, List<InputFacts> inputs) {
  MapFacts {
    inputs = List.copyOf(inputs);
  }

  static MapFacts of(CacheMap<?> map) {
    return new MapFacts(
        map.digest(),
        map.shareable(),
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
