package dev.slipway.solver.cachekey;

import dev.slipway.oci.Digest;
import java.util.Optional;

/// How one key leads to another: "as input number n of this operation, of which this part counts".
///
/// @param input number of the input, from 0
/// @param operation the digest of the cache map
/// @param output number of the output the target stands for
/// @param selector which part of the input counts; empty for all of it, and always empty for
///   content keys
public record KeyLink(int input, Digest operation, int output, Optional<Digest> selector) {
  /// Stands for the output where the digest names operation and output together, as exported caches
  /// do.
  public static final int NAMED = -2;

  /// What the target is called in exported caches (surface reference 5.7).
  public Digest name() {
    return output == NAMED ? operation : KeyId.nameOf(operation, output);
  }

  /// The same link as exported caches know it.
  public KeyLink named() {
    return new KeyLink(input, name(), NAMED, selector);
  }
}
