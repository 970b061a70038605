package dev.slipway.progress;

import dev.slipway.oci.Digest;
import java.util.function.Consumer;

/// A sink that can tell again what it was told, so that whoever joins work in progress gets its
/// story from the start.
public interface RememberingSink extends ProgressSink {
  /// Tells every event taken of that vertex so far except [ProgressEvent.VertexChanged], in the
  /// order in which they came.
  void replay(Digest vertex, Consumer<ProgressEvent> to);
}
