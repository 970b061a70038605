package dev.slipway.content;

import dev.slipway.oci.Digest;
import java.util.Map;
import java.util.function.Consumer;

/// Blobs by digest.
public interface ContentStore extends BlobReader, Ingester, AutoCloseable {
  /// Every committed blob, in no order; blobs committed or deleted meanwhile may or may not be
  /// seen.
  void walk(Consumer<BlobInfo> visitor);

  /// Deletes a blob. Absent is fine. Open readers go on reading.
  void delete(Digest digest);

  /// Sets labels of a blob; an empty value removes the label.
  ///
  /// @throws dev.slipway.failure.NotFound
  void label(Digest digest, Map<String, String> labels);

  /// Abandons unfinished attempts that no open ingest holds and nobody will resume: those at blobs
  /// whose digest is not their key, and those that nothing was added to for a day.
  void sweepIngests();

  /// Bytes of all blobs.
  default long totalBytes() {
    long[] sum = {0};
    walk(blob -> sum[0] += blob.bytes());
    return sum[0];
  }

  /// Bytes of unfinished attempts.
  long unfinishedBytes();

  @Override
  void close();
}
