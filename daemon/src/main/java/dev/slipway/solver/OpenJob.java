package dev.slipway.solver;

import dev.slipway.failure.BuildFailure;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/// A job as its client holds it. Thread-safe.
final class OpenJob<P, R extends Result> implements Job<P, R> {
  private final GraphSolver<P, R> solver;
  private final GraphJob<P, R> job;
  private final CountDownLatch closed = new CountDownLatch(1);
  private boolean isClosing;

  OpenJob(GraphSolver<P, R> solver, GraphJob<P, R> job) {
    this.solver = solver;
    this.job = job;
  }

  @Override
  public JobId id() {
    return job.id();
  }

  @Override
  public Solved<R> solve(Vertex.Edge<P> edge) {
    return new Solving<>(solver.graph(), answer -> solver.graph().request(job, edge, answer))
        .await();
  }

  @Override
  public boolean lose(Vertex.Edge<P> edge, Solved<R> lost, BuildFailure reason) {
    AtomicBoolean isLost = new AtomicBoolean();
    CountDownLatch told = new CountDownLatch(1);
    solver
        .graph()
        .post(
            () -> {
              isLost.set(solver.graph().lose(job, edge, lost.run(), reason));
              told.countDown();
            });
    Waiting.uninterruptibly(told);
    return isLost.get();
  }

  @Override
  public void consult(ImportedCache<R> cache) {
    solver.graph().post(() -> solver.graph().consult(job, cache));
  }

  @Override
  public CacheContents<R> cache() {
    return solver.graph().cache().with(job.imports()).contents();
  }

  @Override
  public List<CacheDecision> decisions() {
    return List.copyOf(job.decisions());
  }

  /// Waits, interrupted or not, until the work that ends with the job has ended.
  @Override
  public void close() {
    synchronized (this) {
      if (isClosing) {
        Waiting.uninterruptibly(closed);
        return;
      }
      isClosing = true;
    }
    CountDownLatch quiet = new CountDownLatch(1);
    solver.graph().post(() -> solver.graph().discard(job, quiet::countDown));
    Waiting.uninterruptibly(quiet);
    job.view().close();
    solver.forget(this);
    closed.countDown();
  }
}
