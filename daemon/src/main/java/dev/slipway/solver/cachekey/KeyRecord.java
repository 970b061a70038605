package dev.slipway.solver.cachekey;

import dev.slipway.oci.Digest;
import java.util.List;

/// How one output of a finished step can be found again.
///
/// @param operation the digest of its cache map
/// @param shareable false when the operation means something to this run of this daemon only
/// @param inputs one list an input, none of them empty: the keys that stand for it
public record KeyRecord(
    Digest operation, int output, boolean shareable, List<List<Alternative>> inputs) {
  public KeyRecord {
    inputs = inputs.stream().map(List::copyOf).toList();
  }

  /// The name this key gets where no store knows it.
  public KeyId freshId() {
    return KeyId.fresh(this);
  }
}
