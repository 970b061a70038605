package dev.slipway.solver;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.progress.ProgressSink;
import dev.slipway.solver.cachekey.CacheKeyStore;
import dev.slipway.task.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// The solver: a [Graph] with its threads, and the jobs on it. Thread-safe.
public final class GraphSolver<P, R extends Result> implements Solver<P, R> {
  private final SolverThreads threads;
  private final Graph<P, R> graph;
  private final Clock clock;
  private final Map<JobId, OpenJob<P, R>> jobs = new ConcurrentHashMap<>();
  private final AtomicLong opened = new AtomicLong();
  private volatile boolean isClosed;

  private GraphSolver(SolverThreads threads, Graph<P, R> graph, Clock clock) {
    this.threads = threads;
    this.graph = graph;
    this.clock = clock;
  }

  /// Starts a solver. Caller closes; the stores stay the caller's and outlive it.
  public static <P, R extends Result> GraphSolver<P, R> start(
      Evaluator.Factory<P, R> evaluators,
      CacheKeyStore keys,
      ResultStore<R> results,
      SolverLimits limits,
      Clock clock,
      DecisionObserver observer) {
    return start(
        LoopAndTasks.start(), evaluators, new Stores<>(keys, results), limits, clock, observer);
  }

  static <P, R extends Result> GraphSolver<P, R> start(
      SolverThreads threads,
      Evaluator.Factory<P, R> evaluators,
      Stores<R> stores,
      SolverLimits limits,
      Clock clock,
      DecisionObserver observer) {
    CacheAccess<R> cache =
        new CacheAccess<>(
            stores.keys(),
            stores.results(),
            (BuildFailure trouble) -> threads.post(() -> observer.cacheTrouble(trouble)));
    return new GraphSolver<>(
        threads, new Graph<>(threads, evaluators, cache, limits, clock, observer), clock);
  }

  @Override
  public Job<P, R> openJob(JobId id, ProgressSink sink) {
    OpenJob<P, R> job =
        new OpenJob<>(this, new GraphJob<>(id, opened.getAndIncrement(), new JobView(sink, clock)));
    if (isClosed) {
      throw new WrongState("cannot open job " + id + ": the solver is closed");
    }
    if (jobs.putIfAbsent(id, job) != null) {
      throw new AlreadyExists("job " + id + " exists");
    }
    return job;
  }

  @Override
  public Optional<Job<P, R>> findJob(JobId id) {
    return Optional.ofNullable(jobs.get(id));
  }

  @Override
  public Job.Solved<R> solveWithin(EvaluationContext parent, Vertex.Edge<P> edge) {
    if (!(parent instanceof NodeContext context)) {
      throw new InvalidRequest(
          "a build within a vertex needs the context that vertex is evaluated with");
    }
    @SuppressWarnings("unchecked") // contexts are made by this solver only, for its own vertices
    VertexNode<P, R> node = (VertexNode<P, R>) context.node();
    return new Solving<>(graph, answer -> graph.requestWithin(node, edge, answer)).await();
  }

  @Override
  public void close() {
    isClosed = true;
    List.copyOf(jobs.values()).forEach(OpenJob::close);
    threads.close();
  }

  Graph<P, R> graph() {
    return graph;
  }

  void forget(OpenJob<P, R> job) {
    jobs.remove(job.id(), job);
  }

  /// Where keys and results are kept.
  record Stores<R extends Result>(CacheKeyStore keys, ResultStore<R> results) {}
}
