package dev.slipway.solver;

import dev.slipway.failure.BuildFailure;
import java.util.List;

/// Told of every cache decision, for logs, traces and metrics. Called on the solver's loop: must be
/// quick and must not throw.
public interface DecisionObserver {
  /// @param jobs that want the vertex, oldest first
  void decided(List<JobId> jobs, CacheDecision decision);

  /// The cache could not be read or written; the build goes on without it.
  void cacheTrouble(BuildFailure failure);

  static DecisionObserver none() {
    return new DecisionObserver() {
      @Override
      public void decided(List<JobId> jobs, CacheDecision decision) {}

      @Override
      public void cacheTrouble(BuildFailure failure) {}
    };
  }
}
