package dev.slipway.solver;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Runs everything on the test's thread, in an order drawn from a seed: which task ends next, which
/// end the loop hears of first.
final class SeededSchedule implements SolverThreads {
  private final RandomGenerator random;
  private final List<Pending> pending = new ArrayList<>();

  SeededSchedule(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public void post(Runnable event) {
    pending.add(new Pending(event));
  }

  @Override
  public Started start(Runnable task) {
    Pending started = new Pending(task);
    pending.add(started);
    return () -> started.isInterrupted = true;
  }

  /// Does one thing.
  ///
  /// @return false when nothing is left
  boolean step() {
    if (pending.isEmpty()) {
      return false;
    }
    Pending next = pending.remove(random.nextInt(pending.size()));
    if (next.isInterrupted) {
      Thread.currentThread().interrupt();
    }
    next.action.run();
    Thread.interrupted();
    return true;
  }

  @Override
  public void close() {
    while (step()) {}
  }

  private static final class Pending {
    private final Runnable action;
    private boolean isInterrupted;

    Pending(Runnable action) {
      this.action = action;
    }
  }
}
