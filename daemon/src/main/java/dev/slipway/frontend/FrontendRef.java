package dev.slipway.frontend;

import dev.slipway.fsutil.Stat;
import dev.slipway.llb.Definition;
import java.util.List;
import java.util.Optional;

/// A result in the hands of a frontend: solved when something is asked of it. Valid until the build
/// ends. Blocking; thread-safe.
public interface FrontendRef {
  /// Opaque, unique within the build.
  String id();

  /// LLB that produces it.
  Definition definition();

  void evaluate();

  /// @param range part of the file to read
  /// @throws dev.slipway.failure.NotFound no such file
  byte[] readFile(String path, Optional<ByteRange> range);

  /// @param pattern only entries whose name matches, empty: all
  List<Stat> readDirectory(String path, Optional<String> pattern);

  Stat stat(String path);

  record ByteRange(long offset, long length) {}
}
