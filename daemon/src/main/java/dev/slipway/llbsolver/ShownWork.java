package dev.slipway.llbsolver;

import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.task.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Work of a build that is no op but is shown as a vertex of its own: exports, metadata look-ups,
/// cache imports. Thread-safe.
final class ShownWork {
  private final ProgressSink sink;
  private final Clock clock;

  ShownWork(ProgressSink sink, Clock clock) {
    this.sink = sink;
    this.clock = clock;
  }

  /// Runs the work while its vertex shows as started; then shows it completed, with the failure's
  /// text if it failed.
  ///
  /// @param id what the vertex's digest is made of; the same id starts the same vertex again
  <T> T run(String id, String name, Function<VertexProgress, T> work) {
    Digest vertex = Digest.ofText(id);
    Instant started = clock.now();
    show(vertex, name, started, Optional.empty(), Optional.empty());
    try {
      T result = work.apply(new VertexProgress(vertex, sink, clock));
      show(vertex, name, started, Optional.of(clock.now()), Optional.empty());
      return result;
    } catch (RuntimeException failure) {
      String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
      show(vertex, name, started, Optional.of(clock.now()), Optional.of(text));
      throw failure;
    }
  }

  /// Warns about work that was shown under that id.
  void warn(String id, String text) {
    new VertexProgress(Digest.ofText(id), sink, clock)
        .warn(1, text, List.of(), "", Optional.empty());
  }

  /// For work that shows as part of something else.
  VertexProgress quiet() {
    return new VertexProgress(Digest.EMPTY, ProgressSink.none(), clock);
  }

  private void show(
      Digest vertex,
      String name,
      Instant started,
      Optional<Instant> completed,
      Optional<String> error) {
    sink.emit(
        new VertexChanged(
            vertex,
            List.of(),
            name,
            Optional.of(started),
            completed,
            false,
            error,
            Optional.empty(),
            clock.now()));
  }
}
