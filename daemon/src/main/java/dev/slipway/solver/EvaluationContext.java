package dev.slipway.solver;

import dev.slipway.progress.VertexProgress;
import java.util.List;

/// What an evaluator may know of those it works for. Cancellation comes as interruption of the
/// thread.
public interface EvaluationContext {
  /// The jobs that want this vertex at this moment, oldest first; changes while the evaluation
  /// runs, empty when all have gone.
  List<JobId> jobs();

  /// Where output and progress of this vertex go; every interested job sees it, late joiners from
  /// the start.
  VertexProgress progress();
}
