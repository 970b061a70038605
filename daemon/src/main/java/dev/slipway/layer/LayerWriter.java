package dev.slipway.layer;

import dev.slipway.content.Ingester;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.progress.VertexProgress;
import java.nio.file.Path;
import java.util.List;

/// Makes a layer's blob from a layer directory (an overlay's upper directory). Thread-safe; blocks.
public interface LayerWriter {
  /// Writes the layer without knowing what is below: every deletion mark and every directory in the
  /// layer is written, even where the layers below hold nothing to delete or the very same
  /// directory.
  ///
  /// @param layerDirectory not written to meanwhile
  /// @return the committed blob
  WrittenLayer write(
      Path layerDirectory, LayerCompression compression, Ingester into, VertexProgress progress);

  /// Writes what the layer changes on those below, byte for byte as BuildKit's overlay differ does:
  /// marks and directories that change nothing are left out, opaque directories are told as the
  /// deletions they mean.
  ///
  /// @param below layer directories, base layer first
  default WrittenLayer write(
      Path layerDirectory,
      List<Path> below,
      LayerCompression compression,
      Ingester into,
      VertexProgress progress) {
    return write(layerDirectory, compression, into, progress);
  }

  /// @param blob as committed, annotated with what it unpacks to ([Descriptor#UNCOMPRESSED])
  /// @param diffId of the layer itself; an estargz blob unpacks to more, its table of contents
  record WrittenLayer(Descriptor blob, DiffId diffId) {}
}
