package dev.slipway.solver.cachekey;

import dev.slipway.oci.Digest;
import java.util.Optional;

/// One of the keys that stand for an input, with the part of it that counts.
public record Alternative(KeyId key, Optional<Digest> selector) {
  public KeyLink asInput(int input, Digest operation, int output) {
    return new KeyLink(input, operation, output, selector);
  }
}
