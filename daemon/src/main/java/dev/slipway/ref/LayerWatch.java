package dev.slipway.ref;

import dev.slipway.content.IngestReader;
import dev.slipway.oci.Descriptor;
import java.util.Optional;
import java.util.function.Supplier;

/// Is told of layers' blobs as they come into being, so that something can be done with each while
/// others are still being made. Called by the threads that make them, several at a time: it returns
/// at once and throws nothing.
public interface LayerWatch {
  /// Nobody looks.
  LayerWatch NONE =
      new LayerWatch() {
        @Override
        public void begun(Supplier<IngestReader> follow) {}

        @Override
        public void made(Descriptor blob, Optional<LayerOrigin> origin) {}
      };

  /// A layer's blob is about to be written, or nothing will come of it after all.
  ///
  /// @param follow opens a reader of it, which the watch closes; to be called before this returns
  void begun(Supplier<IngestReader> follow);

  /// A layer has its blob: one whose writing was told of, one that somebody else wrote, or one that
  /// was there before. It may have to be fetched still.
  ///
  /// @param origin where it came from, unless it was made here
  void made(Descriptor blob, Optional<LayerOrigin> origin);
}
