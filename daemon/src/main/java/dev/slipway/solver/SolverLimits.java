package dev.slipway.solver;

import dev.slipway.failure.InvalidRequest;

/// How much may run at once.
///
/// @param steps executions that take [Evaluator.Resource#STEP]
/// @param emulatedSteps executions that take [Evaluator.Resource#EMULATED_STEP]
public record SolverLimits(int steps, int emulatedSteps) {
  public SolverLimits {
    if (steps < 1 || emulatedSteps < 1) {
      throw new InvalidRequest(
          "invalid parallelism " + steps + ", " + emulatedSteps + ": want at least 1");
    }
  }

  /// No bound in practice, which is BuildKit's default.
  public static SolverLimits unlimited() {
    return new SolverLimits(Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  int of(Evaluator.Resource resource) {
    return switch (resource) {
      case UNBOUNDED -> Integer.MAX_VALUE;
      case STEP -> steps;
      case EMULATED_STEP -> emulatedSteps;
    };
  }
}
