package dev.slipway.app;

import dev.slipway.failure.BuildFailure;
import dev.slipway.task.Clock;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds something of the daemon's own while nobody builds, so that those who come find warm code:
/// Java interprets at first, and compiles what it has seen run often, whoever it ran for. Without,
/// the first builds after a start take two to three times as long as others.
///
/// Everything happens on a stage of its own, which shares nothing with the daemon but its threads,
/// and which is taken down when somebody builds, and put up again when nobody has built for a
/// while, until the plan is fulfilled. Thread-safe. Closing waits until the stage is down.
final class Rehearsal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

  private final Plan plan;
  private final BuildWatch watch;
  private final Theatre theatre;
  private final Clock clock;
  private final TaskScope background = TaskScope.open("rehearsal");

  /// Guarded by the monitor, as are the next two.
  private Optional<TaskScope.Forked<?>> act = Optional.empty();

  private boolean interrupted;
  private boolean stopped;

  /// Of the one task in the background, and of the act while that waits for it; so is the next.
  private int built;

  private Duration spent = Duration.ZERO;

  /// @param builds how many there are to be
  /// @param quiet how long nobody must have built before any
  /// @param atMost in all, with stages put up and taken down
  record Plan(int builds, Duration quiet, Duration atMost) {
    /// Only what an earlier daemon left is removed.
    static final Plan NOTHING = new Plan(0, Duration.ZERO, Duration.ZERO);
  }

  /// Where it takes place.
  interface Theatre {
    /// Removes what was left of a stage by a process that was killed.
    void clear();

    /// Puts up a stage. Caller closes.
    Stage open();
  }

  interface Stage extends AutoCloseable {
    /// Builds once; interruption ends it early with a failure.
    ///
    /// @param number from 0, on this stage
    void build(int number);

    /// Ends whatever runs on it and leaves nothing.
    @Override
    void close();
  }

  private Rehearsal(Plan plan, BuildWatch watch, Theatre theatre, Clock clock) {
    this.plan = plan;
    this.watch = watch;
    this.theatre = theatre;
    this.clock = clock;
  }

  /// Begins in the background. Caller closes.
  static Rehearsal start(Plan plan, BuildWatch watch, Theatre theatre, Clock clock) {
    Rehearsal rehearsal = new Rehearsal(plan, watch, theatre, clock);
    watch.onBegin(rehearsal::interruptAct);
    rehearsal.background.forkAction(rehearsal::run);
    return rehearsal;
  }

  private void run() {
    try {
      theatre.clear();
      if (plan.builds() == 0) {
        return;
      }
      while (built < plan.builds() && left().isPositive()) {
        if (!awaitQuiet()) {
          return;
        }
        long began = System.nanoTime();
        try (Stage stage = theatre.open()) {
          perform(stage);
        } finally {
          spent = spent.plusNanos(System.nanoTime() - began);
        }
      }
      // What the stages left on the heap would stay there until somebody's build has it collected.
      System.gc();
      LOG.info("rehearsed {} builds in {} s", built, Math.round(spent.toMillis() / 100.0) / 10.0);
    } catch (RuntimeException failed) {
      LOG.warn(
          "cannot rehearse, so that the first builds take longer than others: {}",
          failed instanceof BuildFailure failure ? failure.text() : failed.toString());
      LOG.debug("cannot rehearse", failed);
    }
  }

  private Duration left() {
    return plan.atMost().minus(spent);
  }

  /// @return false: there is to be no more
  private synchronized boolean awaitQuiet() {
    while (!stopped) {
      Duration wait = watch.until(plan.quiet());
      if (wait.isZero()) {
        return true;
      }
      try {
        wait(wait.toMillis() + 1);
      } catch (InterruptedException interrupted) {
        throw Interruption.cancelled(interrupted);
      }
    }
    return false;
  }

  /// Builds until enough is built, time is up, somebody builds, or the daemon stops.
  private void perform(Stage stage) {
    try (TaskScope scope = TaskScope.open("rehearsal-act")) {
      TaskScope.Forked<?> begun;
      synchronized (this) {
        if (stopped || watch.isBuilding()) {
          return;
        }
        interrupted = false;
        begun = scope.forkAction(() -> buildOn(stage));
        act = Optional.of(begun);
      }
      scope.forkAction(
          () -> {
            clock.sleep(left());
            interruptAct();
          });
      begun.result();
    } finally {
      synchronized (this) {
        act = Optional.empty();
      }
    }
  }

  private void buildOn(Stage stage) {
    for (int number = 0; built < plan.builds(); number++) {
      if (isInterrupted()) {
        return;
      }
      try {
        stage.build(number);
      } catch (BuildFailure failure) {
        if (isInterrupted()) {
          LOG.debug("the rehearsal is interrupted", failure);
          return;
        }
        throw failure;
      }
      built++;
    }
  }

  private synchronized boolean isInterrupted() {
    return interrupted;
  }

  private synchronized void interruptAct() {
    interrupted = true;
    act.ifPresent(TaskScope.Forked::interrupt);
  }

  @Override
  public void close() {
    synchronized (this) {
      stopped = true;
      interruptAct();
      notifyAll();
    }
    try {
      background.join();
    } finally {
      background.close();
    }
  }
}
