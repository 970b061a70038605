package dev.slipway.solver;

import dev.slipway.task.Interruption;
import dev.slipway.task.Task;

/// How something ended.
sealed interface Outcome<T> {
  record Done<T>(T value) implements Outcome<T> {}

  record Broke<T>(Throwable failure) implements Outcome<T> {}

  /// Runs the task on this thread; every failure becomes a value.
  static <T> Outcome<T> of(Task<T> task) {
    try {
      return new Done<>(task.run());
    } catch (InterruptedException interrupted) {
      return new Broke<>(Interruption.cancelled(interrupted));
    } catch (Throwable any) {
      return new Broke<>(any);
    }
  }
}
