package dev.slipway.solver;

import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.RememberingSink;
import dev.slipway.task.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// One job's view of its vertices, with the rules a status stream has (BuildKit
/// `solver/progress.go`, surface reference 1.4): when a vertex starts, those of its inputs that
/// never got an end were not needed and show as cached; when the job ends, whatever was started and
/// not completed is closed as cancelled. Guarded by its monitor.
final class JobView implements ProgressSink {
  private final ProgressSink sink;
  private final Clock clock;
  private final Map<Digest, VertexChanged> latest = new HashMap<>();
  private final Set<Digest> cached = new HashSet<>();
  private final Set<VertexStory> stories = new LinkedHashSet<>();
  private boolean isClosed;

  JobView(ProgressSink sink, Clock clock) {
    this.sink = sink;
    this.clock = clock;
  }

  @Override
  public synchronized void emit(ProgressEvent event) {
    if (isClosed) {
      return;
    }
    if (event instanceof VertexChanged change) {
      take(change);
    } else {
      sink.emit(event);
    }
  }

  boolean remembers() {
    return sink instanceof RememberingSink;
  }

  void replay(Digest vertex, Consumer<ProgressEvent> to) {
    if (sink instanceof RememberingSink remembering) {
      remembering.replay(vertex, to);
    }
  }

  /// Remembers that the story is watched.
  ///
  /// @return false when the job has ended and watches no more
  synchronized boolean enlist(VertexStory story) {
    if (!isClosed) {
      stories.add(story);
    }
    return !isClosed;
  }

  /// Tells the end of everything that is still open, and stops listening.
  void close() {
    Set<VertexStory> watched;
    synchronized (this) {
      watched = new LinkedHashSet<>(stories);
      stories.clear();
      Instant now = clock.now();
      for (VertexChanged open : List.copyOf(latest.values())) {
        if (open.started().isPresent() && open.completed().isEmpty() && !isClosed) {
          Optional<String> error =
              cached.contains(open.vertex())
                  ? open.error()
                  : open.error().or(() -> Optional.of("context canceled"));
          sink.emit(ended(open, open.started().get(), now, open.cached(), error));
        }
      }
      isClosed = true;
    }
    watched.forEach(story -> story.detach(this));
  }

  /// Inputs that were skipped are told before the vertex that did without them.
  private void take(VertexChanged change) {
    latest.put(change.vertex(), change);
    List<VertexChanged> told = new ArrayList<>();
    Deque<VertexChanged> open = new ArrayDeque<>(List.of(change));
    while (!open.isEmpty()) {
      VertexChanged next = open.pop();
      told.add(next);
      next.started().ifPresent(started -> skippedInputs(next, started).forEach(open::push));
      if (next.cached()) {
        markCached(next.vertex());
      }
    }
    told.reversed().forEach(sink::emit);
  }

  private List<VertexChanged> skippedInputs(VertexChanged change, Instant started) {
    List<VertexChanged> skipped = new ArrayList<>();
    for (Digest input : change.inputs()) {
      Optional.ofNullable(latest.get(input))
          .filter(known -> !known.cached() && known.completed().isEmpty())
          .map(known -> ended(known, started, started, true, Optional.empty()))
          .ifPresent(
              done -> {
                latest.put(input, done);
                skipped.add(done);
              });
    }
    return skipped;
  }

  private void markCached(Digest vertex) {
    Deque<Digest> open = new ArrayDeque<>(List.of(vertex));
    while (!open.isEmpty()) {
      Optional<VertexChanged> known = Optional.ofNullable(latest.get(open.pop()));
      if (known.isPresent() && cached.add(known.get().vertex())) {
        known.get().inputs().forEach(open::push);
      }
    }
  }

  private static VertexChanged ended(
      VertexChanged change,
      Instant started,
      Instant completed,
      boolean cached,
      Optional<String> error) {
    return new VertexChanged(
        change.vertex(),
        change.inputs(),
        change.name(),
        Optional.of(started),
        Optional.of(completed),
        cached,
        error,
        change.group(),
        completed);
  }
}
