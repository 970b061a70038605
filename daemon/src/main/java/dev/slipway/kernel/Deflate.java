package dev.slipway.kernel;

/// A library that compresses into DEFLATE (RFC 1951). Thread-safe.
public interface Deflate {
  /// Default of gzip and zlib.
  int STANDARD_LEVEL = 6;

  /// What a record of how bytes came about calls it: other libraries, and other versions of one,
  /// make other bytes of the same input.
  String name();

  /// Compresses into one whole stream. The result depends on the bytes and the level alone.
  ///
  /// @param bytes not kept, not changed
  /// @param length how many of them
  /// @param level as gzip counts them: 0 stores, 1 is fastest, 9 smallest
  byte[] deflate(byte[] bytes, int length, int level);
}
