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
  /// @param bundle blob that the commits came in; empty when they came from the repository itself
  record Git(String url, String commit, Optional<Blob> bundle) implements Material {}

  /// A single blob of a registry or layout.
  ///
  /// @param reference without digest
  /// @param local from a layout of the client
  record Blob(String reference, Digest digest, boolean local) {
    /// Takes a locator apart: `docker-image+blob://name@sha256:…`.
    public static Optional<Blob> parse(String locator) {
      int scheme = locator.indexOf("://");
      int at = locator.lastIndexOf('@');
      if (scheme < 1 || at < scheme + 4 || !Digest.isDigest(locator.substring(at + 1))) {
        return Optional.empty();
      }
      return Optional.of(
          new Blob(
              locator.substring(scheme + 3, at),
              Digest.parse(locator.substring(at + 1)),
              locator.startsWith("oci-layout+blob:")));
    }
  }

  /// @param url without credentials
  record Http(String url, Digest digest) implements Material {}
}
