package dev.slipway.image;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// Manifests, indexes and configs in the content store. Thread-safe.
public final class Documents {
  /// Largest document accepted, in bytes.
  public static final int MAX_BYTES = 8 << 20;

  private final ContentStore store;

  public Documents(ContentStore store) {
    this.store = store;
  }

  /// @return empty when it is not here, or too large for a document
  public Optional<byte[]> find(Digest digest) {
    if (store.find(digest).filter(info -> info.bytes() <= MAX_BYTES).isEmpty()) {
      return Optional.empty();
    }
    try (SeekableByteChannel channel = store.open(digest)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
      while (bytes.hasRemaining()) {
        if (channel.read(bytes) < 0) {
          throw new CorruptData("blob " + digest + " became shorter");
        }
      }
      return Optional.of(bytes.array());
    } catch (NotFound collected) {
      return Optional.empty();
    } catch (IOException failed) {
      throw new CorruptData("reading " + digest + ": " + failed.getMessage(), failed);
    }
  }

  /// Writes it into the store.
  public Digest keep(byte[] bytes, Map<String, String> labels) {
    try (Ingest ingest = store.ingest("document-" + UUID.randomUUID())) {
      ingest.write(ByteBuffer.wrap(bytes));
      return ingest.commit(Optional.empty(), OptionalLong.of(bytes.length), labels).digest();
    }
  }
}
