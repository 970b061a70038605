package dev.slipway.ref;

import dev.slipway.content.Ingester;
import dev.slipway.layer.Applier;
import dev.slipway.layer.LayerCompression;
import dev.slipway.layer.LayerWriter;
import dev.slipway.layer.LayerWriter.WrittenLayer;
import dev.slipway.oci.Descriptor;

/// What a ref store turns layer blobs into trees with, and back.
public record LayerTools(
    LayerFetcher fetcher, Applier applier, LayerWriter writer, Recompressor recompressor) {
  LayerTools fetchingBy(LayerFetcher another) {
    return new LayerTools(another, applier, writer, recompressor);
  }

  /// Makes another blob of a layer that is a blob in the content store already.
  @FunctionalInterface
  public interface Recompressor {
    /// @param into where that blob is written to
    WrittenLayer recompress(Descriptor blob, LayerCompression compression, Ingester into);
  }
}
