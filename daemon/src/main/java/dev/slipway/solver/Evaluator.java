package dev.slipway.solver;

import java.util.List;

/// Answers the solver's two questions about one vertex. One evaluator is made per vertex and run;
/// the solver never asks the same evaluator from two threads at once. Both methods block;
/// interruption cancels.
public interface Evaluator<R extends Result> {
  /// The cache map of that number, from 0; asked again with the next number only while the former
  /// said it was not the last.
  CacheMap<R> cacheMap(EvaluationContext context, int number);

  /// Does the work.
  ///
  /// @param inputs one result an input, in order; they stay the solver's
  /// @return one result an output, in order; the solver owns them
  List<R> execute(EvaluationContext context, List<R> inputs);

  /// Which bounded resource an execution takes; the solver waits for a free slot before it starts
  /// (never for cache maps).
  Resource resource();

  /// Kinds of work that are bounded separately.
  enum Resource {
    /// Takes nothing that is bounded (sources bound their own transfers).
    UNBOUNDED,
    /// A step of the build: a process or file operations.
    STEP,
    /// A step under emulation, which takes far more CPU time.
    EMULATED_STEP
  }

  /// Makes the evaluator of a vertex.
  @FunctionalInterface
  interface Factory<P, R extends Result> {
    /// @throws dev.slipway.failure.BuildFailure when nothing can evaluate this payload (an unknown
    ///   source, a platform nobody runs)
    Evaluator<R> evaluatorOf(Vertex<P> vertex, EvaluationContext context);
  }
}
