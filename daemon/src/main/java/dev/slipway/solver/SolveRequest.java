package dev.slipway.solver;

import dev.slipway.failure.Cancelled;
import dev.slipway.solver.Job.Solved;
import java.util.function.BiConsumer;

/// A result that was asked for from outside the graph. Answered exactly once. Confined to the loop.
final class SolveRequest<P, R extends Result> implements Demander<P, R> {
  private final BiConsumer<SolveRequest<P, R>, Outcome<Solved<R>>> answer;
  private EdgeNode<P, R> edge;
  private boolean isAnswered;

  SolveRequest(EdgeNode<P, R> edge, BiConsumer<SolveRequest<P, R>, Outcome<Solved<R>>> answer) {
    this.edge = edge;
    this.answer = answer;
  }

  void begin() {
    edge.demand(this, Level.RESULT);
  }

  /// Gives up; without effect when it was answered before.
  void cancel() {
    failed(new Cancelled("context canceled"));
  }

  @Override
  public void moved(EdgeView view) {
    if (view.reached() == Level.RESULT) {
      answer(new Outcome.Done<>(new Solved<>(edge.shareResult(), view.keys(), edge.runId())));
    }
  }

  @Override
  public void failed(Throwable failure) {
    answer(new Outcome.Broke<>(failure));
  }

  @Override
  public void redirected(EdgeNode<P, R> to) {
    edge = to;
  }

  private void answer(Outcome<Solved<R>> outcome) {
    if (!isAnswered) {
      isAnswered = true;
      answer.accept(this, outcome);
      edge.demand(this, Level.NONE);
    }
  }
}
