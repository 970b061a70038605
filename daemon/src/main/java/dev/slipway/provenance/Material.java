package dev.slipway.provenance;

import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.util.Optional;

/// A source as it was resolved.
public sealed interface Material {
  /// @param reference as asked for, digest included
  /// @param local from a layout of the client
  record Image(String reference, Optional<Platform> platform, Digest digest, boolean local)
      implements Material {}

  /// @param url with `#ref` if one was asked for; without credentials
  /// @param commit full, in hexadecimal
  record Git(String url, String commit) implements Material {}

  /// @param url without credentials
  record Http(String url, Digest digest) implements Material {}
}
