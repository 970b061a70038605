package dev.slipway.layer;

import dev.slipway.content.Ingester;
import dev.slipway.kernel.Kernel;
import dev.slipway.progress.VertexProgress;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Writes overlay upper directories as layers. Thread-safe.
public final class OverlayLayerWriter implements LayerWriter {
  private final Kernel kernel;
  private final LayerCompressor compressor;

  public OverlayLayerWriter(Kernel kernel) {
    this.kernel = kernel;
    this.compressor = new LayerCompressor(kernel);
  }

  @Override
  public WrittenLayer write(
      Path layerDirectory, LayerCompression compression, Ingester into, VertexProgress progress) {
    return write(layerDirectory, Optional.empty(), compression, into);
  }

  @Override
  public WrittenLayer write(
      Path layerDirectory,
      List<Path> below,
      LayerCompression compression,
      Ingester into,
      VertexProgress progress) {
    return write(layerDirectory, Optional.of(below), compression, into);
  }

  private WrittenLayer write(
      Path layerDirectory,
      Optional<List<Path>> below,
      LayerCompression compression,
      Ingester into) {
    return new BlobSink(into, compressor)
        .write("writing a layer", compression, out -> writeTar(layerDirectory, below, out));
  }

  /// The layer's uncompressed bytes.
  void writeTar(Path layerDirectory, Optional<List<Path>> below, OutputStream out)
      throws java.io.IOException {
    try (TarWriter tar = new TarWriter(out)) {
      new LayerDiffer(kernel, layerDirectory, below, new ChangeWriter(kernel, layerDirectory, tar))
          .run();
    }
  }
}
