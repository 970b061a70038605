package dev.slipway.solver;

import dev.slipway.failure.Cancelled;
import dev.slipway.solver.Graph.Begun;
import dev.slipway.solver.Graph.Watching;
import dev.slipway.solver.Job.Solved;
import dev.slipway.task.Interruption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;

/// One blocking request, seen from the thread that waits. Used once.
final class Solving<P, R extends Result> {
  private final Graph<P, R> graph;
  private final Function<Consumer<Outcome<Solved<R>>>, Begun<P, R>> request;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch answered = new CountDownLatch(1);
  private volatile Begun<P, R> beginning = new Begun<>(Optional.empty(), List.of());
  private volatile Outcome<Solved<R>> outcome =
      new Outcome.Broke<>(new Cancelled("context canceled"));

  /// @param request begins it, on the loop
  Solving(Graph<P, R> graph, Function<Consumer<Outcome<Solved<R>>>, Begun<P, R>> request) {
    this.graph = graph;
    this.request = request;
  }

  /// Blocks until it is answered. The vertices are announced to the job meanwhile. Caller closes
  /// the result.
  ///
  /// @throws Cancelled when interrupted, after the request was withdrawn
  Solved<R> await() {
    Interruption.check();
    graph.post(
        () -> {
          beginning = request.apply(this::answer);
          begun.countDown();
        });
    Waiting.uninterruptibly(begun);
    beginning.watching().forEach(Watching::begin);
    try {
      answered.await();
    } catch (InterruptedException interrupted) {
      graph.post(() -> beginning.request().ifPresent(SolveRequest::cancel));
      Waiting.uninterruptibly(answered);
      if (outcome instanceof Outcome.Done<Solved<R>>(Solved<R> late)) {
        late.close();
      }
      throw Interruption.cancelled(interrupted);
    }
    return switch (outcome) {
      case Outcome.Done<Solved<R>>(Solved<R> solved) -> solved;
      case Outcome.Broke<Solved<R>>(RuntimeException failure) -> throw failure;
      case Outcome.Broke<Solved<R>>(Error failure) -> throw failure;
      case Outcome.Broke<Solved<R>>(Throwable failure) -> throw new IllegalStateException(failure);
    };
  }

  private void answer(Outcome<Solved<R>> how) {
    outcome = how;
    answered.countDown();
  }
}
