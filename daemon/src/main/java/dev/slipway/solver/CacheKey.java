package dev.slipway.solver;

import dev.slipway.oci.Digest;
import java.util.List;
import java.util.Optional;

/// The identity by which a result is found again, as BuildKit forms it (surface reference 4.2 and 5.7): the op's digest and output
/// index, and per input the alternatives by which that input may be identified.
///
/// @param digest of the op (or of content, with index -1)
/// @param output index of the output; -1 for content keys
/// @param inputs one list an input: the keys that stand for it, each with the selector in force
public record CacheKey(Digest digest, int output, boolean shareable, List<List<Link>> inputs) {
  public CacheKey {
    inputs = inputs.stream().map(List::copyOf).toList();
  }

  public record Link(CacheKey key, Optional<Digest> selector) {}
}
