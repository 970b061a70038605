package dev.slipway.op;

import dev.slipway.solver.EvaluationContext;

/// Solves a definition found inside a build, on behalf of the jobs that want it.
@FunctionalInterface
public interface NestedBuilds {
  /// Blocks until solved. Caller closes.
  ///
  /// @param definition marshalled `pb.Definition`
  RefResult solve(byte[] definition, EvaluationContext context);
}
