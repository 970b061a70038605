package dev.slipway.progress;

import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent.LogStream;
import dev.slipway.progress.ProgressEvent.Logged;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.progress.ProgressEvent.Warned;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import dev.slipway.task.Clock;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How work on one vertex reports: output, items in progress, warnings. Thread-safe.
public final class VertexProgress {
  private static final Duration SHOWN_EVERY = Duration.ofMillis(100);

  private final Digest vertex;
  private final ProgressSink sink;
  private final Clock clock;

  public VertexProgress(Digest vertex, ProgressSink sink, Clock clock) {
    this.vertex = vertex;
    this.sink = sink;
    this.clock = clock;
  }

  public Digest vertex() {
    return vertex;
  }

  /// Reports output. The bytes are copied.
  public void log(LogStream stream, byte[] buffer, int offset, int length) {
    if (length > 0) {
      sink.emit(
          new Logged(
              vertex, stream, Arrays.copyOfRange(buffer, offset, offset + length), clock.now()));
    }
  }

  /// Output of this vertex as a stream; closing it does nothing.
  public OutputStream log(LogStream stream) {
    return new OutputStream() {
      @Override
      public void write(int b) {
        log(stream, new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] buffer, int offset, int length) {
        log(stream, buffer, offset, length);
      }
    };
  }

  public void warn(
      int level, String summary, List<String> detail, String url, Optional<WarnedSource> source) {
    sink.emit(new Warned(vertex, level, summary, List.copyOf(detail), url, source, clock.now()));
  }

  /// Starts an item: it shows as running until closed. Caller closes.
  public Item start(String id) {
    return start(id, "");
  }

  /// Starts an item of a kind of work that clients tell apart by its name, such as `transferring`.
  /// Caller closes.
  public Item start(String id, String name) {
    return new Item(id, name);
  }

  /// One item in progress, such as `extracting sha256:…`. Not thread-safe.
  public final class Item implements AutoCloseable {
    private final String id;
    private final String name;
    private final Instant started = clock.now();
    private long current;
    private long total;
    private boolean ended;
    private Instant nextShown = Instant.MIN;

    private Item(String id, String name) {
      this.id = id;
      this.name = name;
      emit(Optional.empty());
    }

    /// Shown at most ten times a second, so callers may tell of every piece; the last is shown when
    /// the item closes.
    ///
    /// @param done units done so far
    /// @param of units in all, 0 when unknown
    public void update(long done, long of) {
      current = done;
      total = of;
      Instant now = clock.now();
      if (!now.isBefore(nextShown)) {
        nextShown = now.plus(SHOWN_EVERY);
        emit(Optional.empty());
      }
    }

    @Override
    public void close() {
      if (!ended) {
        ended = true;
        emit(Optional.of(clock.now()));
      }
    }

    private void emit(Optional<Instant> completed) {
      sink.emit(
          new StatusChanged(
              id, vertex, name, current, total, clock.now(), Optional.of(started), completed));
    }
  }
}
