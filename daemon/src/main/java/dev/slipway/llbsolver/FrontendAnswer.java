package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.task.Interruption;
import java.util.Optional;

/// What a frontend gives back, once: a result or a failure. Guarded by its own lock.
final class FrontendAnswer {
  private Optional<Given> given = Optional.empty();

  private sealed interface Given {
    record Made(FrontendResult result) implements Given {}

    record Failed(BuildFailure failure) implements Given {}
  }

  /// @throws WrongState there is one already
  void give(FrontendResult result) {
    give(new Given.Made(result));
  }

  /// @throws WrongState there is one already
  void give(BuildFailure failure) {
    give(new Given.Failed(failure));
  }

  private synchronized void give(Given what) {
    if (given.isPresent()) {
      throw new WrongState("gateway result is already set");
    }
    given = Optional.of(what);
    notifyAll();
  }

  /// What was given so far.
  ///
  /// @throws BuildFailure the failure that was given
  synchronized Optional<FrontendResult> now() {
    return given.map(
        what ->
            switch (what) {
              case Given.Made made -> made.result();
              case Given.Failed failed -> throw failed.failure();
            });
  }

  /// Waits for it.
  ///
  /// @throws BuildFailure the failure that was given
  synchronized FrontendResult await() {
    try {
      while (given.isEmpty()) {
        wait();
      }
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
    return now().orElseThrow();
  }
}
