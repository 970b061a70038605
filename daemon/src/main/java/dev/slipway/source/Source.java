package dev.slipway.source;

import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Platform;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import java.util.Optional;
import java.util.Set;

/// Produces file trees from outside.
public interface Source {
  /// The identifiers' schemes it serves, such as `docker-image`.
  Set<String> schemes();

  /// Takes up one source op. Checks its identifier and attributes; contacts nobody.
  ///
  /// @throws dev.slipway.failure.InvalidRequest malformed identifier or unknown value of an
  ///   attribute
  Resolution resolve(SourceOp op, Platform platform);

  /// One source op being worked on by one vertex; not used from two threads at once.
  interface Resolution {
    /// The key of that number, from 0 (an image has two: manifest, then chain of layers). May
    /// contact the origin.
    Key key(int number, FetchContext context);

    /// The tree, lazily where the kind can. Caller closes.
    ///
    /// @return empty for an empty tree (scratch)
    Optional<ImmutableRef> open(FetchContext context);
  }

  /// @param text what BuildKit hashes after `buildkit.source.v0:` (surface reference 5.4); a key
  ///   starting `session:` is not shareable
  /// @param pin what the source resolved to, a digest or a commit, for provenance
  /// @param last no further key follows
  record Key(String text, Optional<String> pin, boolean last) {}
}
