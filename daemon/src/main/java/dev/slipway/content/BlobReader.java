package dev.slipway.content;

import dev.slipway.oci.Digest;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;

/// Reads blobs by digest; all that most readers need of a [ContentStore].
public interface BlobReader {
  Optional<BlobInfo> find(Digest digest);

  /// Opens a blob for reading. Caller closes.
  ///
  /// @throws dev.slipway.failure.NotFound
  SeekableByteChannel open(Digest digest);
}
