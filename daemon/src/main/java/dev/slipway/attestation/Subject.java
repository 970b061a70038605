package dev.slipway.attestation;

import dev.slipway.oci.Digest;
import java.util.List;

/// What a statement is about.
public sealed interface Subject {
  /// The result itself.
  ///
  /// @param name another name for it; empty text or `_`: none
  record Self(String name) implements Subject {}

  /// Something named by its digests.
  record Raw(String name, List<Digest> digests) implements Subject {
    public Raw {
      digests = List.copyOf(digests);
    }
  }
}
