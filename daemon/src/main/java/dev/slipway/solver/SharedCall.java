package dev.slipway.solver;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Something a vertex does once for all of its edges that want it: a cache map, a content key, a
/// preparation, the execution.
///
/// It starts when the first edge wants it and is interrupted when the last no longer does; what it
/// gave is kept for edges that come later. An end that came only from the interruption is
/// forgotten, and the call starts again if somebody wants it meanwhile; it never runs twice at the
/// same time. Confined to the loop.
final class SharedCall<W, T> {
  private final Starter<T> starter;
  private final BiConsumer<W, Outcome<T>> delivery;
  private final Set<W> waiters = new LinkedHashSet<>();
  private Optional<Runnable> stop = Optional.empty();
  private Optional<Outcome<T>> outcome = Optional.empty();
  private boolean isRunning;

  /// @param delivery tells an edge how it ended; called once for each time the edge began to want
  ///   it
  SharedCall(Starter<T> starter, BiConsumer<W, Outcome<T>> delivery) {
    this.starter = starter;
    this.delivery = delivery;
  }

  void want(W edge) {
    if (outcome.isPresent()) {
      delivery.accept(edge, outcome.get());
    } else if (waiters.add(edge) && !isRunning) {
      start();
    }
  }

  void unwant(W edge) {
    if (waiters.remove(edge) && waiters.isEmpty()) {
      stop.ifPresent(Runnable::run);
    }
  }

  /// What it gave, if it has ended well.
  Optional<T> value() {
    return outcome.flatMap(
        ended -> ended instanceof Outcome.Done<T>(T value) ? Optional.of(value) : Optional.empty());
  }

  private void start() {
    isRunning = true;
    Runnable stopping = starter.start(this::end);
    stop = isRunning ? Optional.of(stopping) : Optional.empty();
  }

  private void end(Optional<Outcome<T>> how) {
    isRunning = false;
    stop = Optional.empty();
    outcome = how;
    if (how.isPresent()) {
      List<W> told = new ArrayList<>(waiters);
      waiters.clear();
      told.forEach(edge -> delivery.accept(edge, how.get()));
    } else if (!waiters.isEmpty()) {
      start();
    }
  }

  /// Starts the work.
  @FunctionalInterface
  interface Starter<T> {
    /// @param end called on the loop when it has ended; empty when it was only interrupted
    /// @return interrupts it
    Runnable start(Consumer<Optional<Outcome<T>>> end);
  }
}
