package dev.slipway.layer;

import dev.slipway.oci.DiffId;
import dev.slipway.oci.MediaType;
import java.io.InputStream;
import java.nio.file.Path;

/// Writes one layer into a directory. Thread-safe; blocks.
@FunctionalInterface
public interface Applier {
  /// Unpacks the layer with overlayfs's marks for what it deletes. Nothing is ever written outside
  /// the directory, whatever the archive says. After a failure the directory holds part of the
  /// layer and is to be thrown away.
  ///
  /// @param blob the blob's bytes, compressed or not; read to its end, not closed
  /// @param type of the blob; the compression itself is told by the bytes
  /// @param layerDirectory empty directory on a file system that can hold a layer
  /// @return digest of the uncompressed bytes
  /// @throws dev.slipway.failure.CorruptData the bytes are no layer, or end early
  /// @throws dev.slipway.failure.Exhausted the disk is full
  DiffId apply(InputStream blob, MediaType type, Path layerDirectory);
}
