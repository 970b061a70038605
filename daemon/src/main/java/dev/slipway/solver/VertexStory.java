package dev.slipway.solver;

import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.progress.ProgressSink;
import dev.slipway.task.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What happens to one vertex, told to every job that watches it; a job that comes late is told all
/// of it from the start.
///
/// The story itself keeps only the few changes of the vertex's state. Output and progress can be
/// large: a late job gets them from one that has been there, whose sink remembers. While it catches
/// up, the vertex's own reports wait; and so they do until the first who watches has been told that
/// the vertex exists. Guarded by its monitor; never used on the loop, because it may wait.
final class VertexStory implements ProgressSink {
  private final VertexLabel label;
  private final Clock clock;
  private final List<VertexChanged> changes = new ArrayList<>();
  private final Map<Listener, VertexLabel> listeners = new LinkedHashMap<>();
  private Optional<VertexStory> continued = Optional.empty();
  private boolean hasDetails;
  private boolean hasBeenOffered;

  VertexStory(VertexLabel label, Clock clock) {
    this.label = label;
    this.clock = clock;
  }

  /// Output, progress and warnings, from whatever thread works on the vertex.
  @Override
  public synchronized void emit(ProgressEvent event) {
    awaitFirstWatcher();
    hasDetails = true;
    tell(event);
  }

  /// Work on the vertex starts. The caller ends it.
  Work begin(boolean cached) {
    Instant started = clock.now();
    change(started, Optional.empty(), cached, Optional.empty(), started);
    return (how, error) -> {
      Instant now = clock.now();
      change(started, Optional.of(now), how, error, now);
    };
  }

  /// Lets a job watch, under its own label; a second time does nothing.
  void attach(JobView view, VertexLabel as) {
    attach(view, as, false);
  }

  synchronized void detach(JobView view) {
    listeners.keySet().removeIf(listener -> listener.view == view);
  }

  /// The vertex was merged into another one: those who watch this one watch that one's work from
  /// now on. Who watches both sees the work once, and this vertex as done from the cache.
  void continueIn(VertexStory other) {
    Map<Listener, VertexLabel> moved;
    synchronized (this) {
      continued = Optional.of(other);
      moved = new LinkedHashMap<>(listeners);
    }
    moved.forEach((listener, as) -> other.attach(listener.view, as, true));
  }

  private void attach(JobView view, VertexLabel as, boolean merged) {
    Optional<VertexStory> next;
    synchronized (this) {
      Listener listener = new Listener(view, as.digest().toString(), merged && isWatchedBy(view));
      if (!merged) {
        hasBeenOffered = true;
        notifyAll();
      }
      if (listeners.containsKey(listener) || !view.enlist(this)) {
        return;
      }
      if (!merged) {
        view.emit(as.announced(clock.now()));
      }
      catchUp(listener, as);
      listeners.put(listener, as);
      next = continued;
    }
    next.ifPresent(other -> other.attach(view, as, true));
  }

  private void awaitFirstWatcher() {
    try {
      while (!hasBeenOffered) {
        wait();
      }
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isWatchedBy(JobView view) {
    return listeners.keySet().stream().anyMatch(listener -> listener.view == view);
  }

  private void catchUp(Listener late, VertexLabel as) {
    Deque<VertexChanged> open = new ArrayDeque<>(changes);
    if (hasDetails && !late.isBrief) {
      source()
          .ifPresent(
              known ->
                  known
                      .getKey()
                      .view
                      .replay(
                          known.getValue().digest(),
                          detail -> {
                            while (!open.isEmpty()
                                && !open.getFirst().timestamp().isAfter(detail.timestamp())) {
                              late.tell(as, open.removeFirst());
                            }
                            late.tell(as, detail);
                          }));
    }
    open.forEach(change -> late.tell(as, change));
  }

  private Optional<Map.Entry<Listener, VertexLabel>> source() {
    return listeners.entrySet().stream()
        .filter(known -> !known.getKey().isBrief && known.getKey().view.remembers())
        .findFirst();
  }

  private synchronized void change(
      Instant started,
      Optional<Instant> completed,
      boolean cached,
      Optional<String> error,
      Instant now) {
    VertexChanged change =
        new VertexChanged(
            label.digest(),
            label.inputs(),
            label.name(),
            Optional.of(started),
            completed,
            cached,
            error,
            label.group(),
            now);
    changes.add(change);
    tell(change);
  }

  private void tell(ProgressEvent event) {
    listeners.forEach((listener, as) -> listener.tell(as, event));
  }

  /// Work that was begun.
  @FunctionalInterface
  interface Work {
    void end(boolean cached, Optional<String> error);
  }

  /// @param isBrief hears only that the work was done, as if it came from the cache
  private record Listener(JobView view, String digest, boolean isBrief) {
    void tell(VertexLabel as, ProgressEvent event) {
      if (!isBrief) {
        view.emit(as.relabel(event));
      } else if (event instanceof VertexChanged change
          && change.completed().isPresent()
          && change.error().isEmpty()) {
        Instant done = change.completed().get();
        view.emit(
            new VertexChanged(
                as.digest(),
                as.inputs(),
                as.name(),
                Optional.of(done),
                Optional.of(done),
                true,
                Optional.empty(),
                as.group(),
                done));
      }
    }
  }
}
