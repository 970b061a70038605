package dev.slipway.layer;

import dev.slipway.oci.DiffId;
import dev.slipway.oci.MediaType;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/// Writes one layer into a directory. Thread-safe; blocks.
public interface Applier {
  /// Unpacks the layer with overlayfs's marks for what it deletes. Nothing is ever written outside
  /// the directory, whatever the archive says. After a failure the directory holds part of the
  /// layer and is to be thrown away.
  ///
  /// @param blob the blob's bytes, compressed or not; read to its end, not closed
  /// @param type of the blob; the compression itself is told by the bytes
  /// @param layerDirectory empty directory on a file system that can hold a layer
  /// @throws dev.slipway.failure.CorruptData the bytes are no layer, or end early
  /// @throws dev.slipway.failure.Exhausted the disk is full
  Unpacked apply(InputStream blob, MediaType type, Path layerDirectory);

  /// Makes directories that a layer only implies what they are below it: owner, mode, times and
  /// extended attributes, as if they had been there when the layer was unpacked.
  ///
  /// @param implied as [#apply] told of them
  /// @param below directories of the layers below, base first; none of them is changed
  void inherit(Path layerDirectory, List<Path> implied, List<Path> below);

  /// What became of a layer's archive.
  ///
  /// @param diffId digest of the uncompressed bytes
  /// @param implied directories that entries lie in and no entry describes, relative to the
  ///   layer's, outer ones first. The layer says nothing of them, but overlayfs will show them as
  ///   they lie here.
  record Unpacked(DiffId diffId, List<Path> implied) {
    public Unpacked {
      implied = List.copyOf(implied);
    }
  }
}
