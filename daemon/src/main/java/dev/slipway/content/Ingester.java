package dev.slipway.content;

/// Where blobs are written to; all that most writers need of a [ContentStore].
@FunctionalInterface
public interface Ingester {
  /// Starts or resumes writing a blob. Caller closes.
  ///
  /// @param key names the attempt (for a known blob its digest); what an earlier attempt under this
  ///   key wrote is kept, see [Ingest#offset]
  /// @throws dev.slipway.failure.Conflict another ingest holds this key now
  Ingest ingest(String key);
}
