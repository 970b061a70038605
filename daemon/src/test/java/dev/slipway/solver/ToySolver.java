package dev.slipway.solver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.RememberingSink;
import dev.slipway.solver.GraphSolver.Stores;
import dev.slipway.solver.cachekey.CacheKeyStore;
import dev.slipway.solver.cachekey.InMemoryCacheKeyStore;
import dev.slipway.task.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// A solver of toy vertices. Closing it checks that nothing is left behind.
final class ToySolver implements AutoCloseable {
  final ToyResults results = new ToyResults();
  final CacheKeyStore keys;
  final List<BuildFailure> trouble = new CopyOnWriteArrayList<>();
  final GraphSolver<ToyOp, ToyResult> solver;
  private final AtomicInteger jobs = new AtomicInteger();

  private ToySolver(SolverThreads threads, CacheKeyStore keys, SolverLimits limits) {
    this.keys = keys;
    DecisionObserver observer =
        new DecisionObserver() {
          @Override
          public void decided(List<JobId> jobs, CacheDecision decision) {}

          @Override
          public void cacheTrouble(BuildFailure failure) {
            trouble.add(failure);
          }
        };
    this.solver =
        GraphSolver.start(
            threads,
            this::evaluatorOf,
            new Stores<>(keys, results),
            limits,
            Clock.system(),
            observer);
  }

  static ToySolver start() {
    return start(new SolverLimits(64, 64));
  }

  static ToySolver start(SolverLimits limits) {
    return start(new InMemoryCacheKeyStore(), limits);
  }

  static ToySolver start(CacheKeyStore keys, SolverLimits limits) {
    return new ToySolver(LoopAndTasks.start(), keys, limits);
  }

  static ToySolver start(SolverThreads threads, SolverLimits limits) {
    return new ToySolver(threads, new InMemoryCacheKeyStore(), limits);
  }

  Job<ToyOp, ToyResult> openJob() {
    return openJob(ProgressSink.none());
  }

  Job<ToyOp, ToyResult> openJob(ProgressSink sink) {
    return solver.openJob(new JobId("job" + jobs.incrementAndGet()), sink);
  }

  /// Solves in a job of its own.
  String solve(ToyOp op) {
    return solve(op.edge());
  }

  String solve(Vertex.Edge<ToyOp> edge) {
    try (Job<ToyOp, ToyResult> job = openJob()) {
      return solve(job, edge);
    }
  }

  static String solve(Job<ToyOp, ToyResult> job, Vertex.Edge<ToyOp> edge) {
    try (Job.Solved<ToyResult> solved = job.solve(edge)) {
      return solved.result().value();
    }
  }

  /// Closes all jobs, then fails when a hold is open or a vertex is left.
  @Override
  public void close() {
    solver.close();
    if (results.openHolds.get() != 0) {
      throw new AssertionError(results.openHolds.get() + " holds are open");
    }
    if (!solver.graph().isEmpty()) {
      throw new AssertionError("the graph is not empty");
    }
  }

  private Evaluator<ToyResult> evaluatorOf(Vertex<ToyOp> vertex, EvaluationContext context) {
    return vertex
        .payload()
        .evaluator(
            results,
            inside -> {
              try (Job.Solved<ToyResult> solved =
                  solver.solveWithin(inside, vertex.payload().inner.orElseThrow())) {
                return solved.result().share();
              }
            });
  }

  /// Keeps every event.
  static final class Events implements RememberingSink {
    final List<ProgressEvent> all = new CopyOnWriteArrayList<>();

    @Override
    public void emit(ProgressEvent event) {
      all.add(event);
    }

    @Override
    public void replay(dev.slipway.oci.Digest vertex, Consumer<ProgressEvent> to) {
      all.stream()
          .filter(event -> event.vertex().equals(vertex) && !(event instanceof VertexChanged))
          .forEach(to);
    }

    List<VertexChanged> of(ToyOp op) {
      return all.stream()
          .filter(
              event ->
                  event instanceof VertexChanged && event.vertex().equals(op.vertex().digest()))
          .map(VertexChanged.class::cast)
          .toList();
    }

    /// What happened to the vertex, in one word each.
    List<String> storyOf(ToyOp op) {
      return of(op).stream()
          .map(
              change ->
                  change.started().isEmpty()
                      ? "announced"
                      : change.completed().isEmpty()
                          ? "started"
                          : change.error().isPresent()
                              ? "failed: " + change.error().get()
                              : change.cached() ? "cached" : "completed")
          .toList();
    }
  }
}
