package dev.slipway.source;

import dev.slipway.ref.FetchContext;
import java.nio.file.Path;

/// Brings single blobs here. Blocking; thread-safe.
@FunctionalInterface
public interface BlobFetch {
  /// Writes the blob, verified against its digest, to a new file.
  ///
  /// @throws dev.slipway.failure.NotFound there is no such blob
  /// @throws dev.slipway.failure.CorruptData other bytes than the digest says
  void fetch(BlobLocator blob, Path file, FetchContext context);
}
