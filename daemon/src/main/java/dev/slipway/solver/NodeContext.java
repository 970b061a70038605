package dev.slipway.solver;

import dev.slipway.progress.VertexProgress;
import java.util.List;

/// What the evaluator of one vertex sees of those it works for. Thread-safe: the loop replaces the
/// list, others read it.
final class NodeContext implements EvaluationContext {
  private final VertexNode<?, ?> node;
  private final VertexProgress progress;
  private volatile List<JobId> jobs = List.of();

  NodeContext(VertexNode<?, ?> node, VertexProgress progress) {
    this.node = node;
    this.progress = progress;
  }

  @Override
  public List<JobId> jobs() {
    return jobs;
  }

  @Override
  public VertexProgress progress() {
    return progress;
  }

  VertexNode<?, ?> node() {
    return node;
  }

  void jobs(List<JobId> interested) {
    jobs = interested;
  }
}
