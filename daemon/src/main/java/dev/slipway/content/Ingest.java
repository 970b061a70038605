package dev.slipway.content;

import dev.slipway.oci.Digest;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A blob being written. Confined to one thread at a time.
public interface Ingest extends AutoCloseable {
  /// Bytes written so far, including those of an earlier attempt.
  long offset();

  /// Appends all remaining bytes of the buffer.
  ///
  /// @throws dev.slipway.failure.Exhausted the disk is full
  void write(ByteBuffer bytes);

  /// Throws away what is written so far.
  void truncate();

  /// Makes the blob visible and durable, and closes this ingest, whether it succeeds or fails. A
  /// blob of that digest that exists already is success.
  ///
  /// @param expected digest it must have
  /// @param bytes length it must have
  /// @return what was committed
  /// @throws dev.slipway.failure.CorruptData other bytes or another length than expected; the
  ///   attempt is thrown away
  BlobInfo commit(Optional<Digest> expected, OptionalLong bytes, Map<String, String> labels);

  /// Opens a reader of what is written and will be written here, from the first byte on; see
  /// [IngestReader]. Throwing away what is written ([#truncate]) fails it. Caller closes, whenever
  /// it likes.
  IngestReader follow();

  /// Keeps the bytes for a later attempt under the same key; idempotent.
  @Override
  void close();
}
