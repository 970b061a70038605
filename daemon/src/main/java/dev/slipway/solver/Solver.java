package dev.slipway.solver;

import dev.slipway.progress.ProgressSink;
import java.util.Optional;

/// The one shared graph of a daemon, and the jobs that work on it.
public interface Solver<P, R extends Result> extends AutoCloseable {
  /// Opens a job. Its events (this job's view of every vertex it needs) go to the sink, from the
  /// start of each vertex even where another job started it. Caller closes.
  ///
  /// @throws dev.slipway.failure.AlreadyExists when a job of that id is open
  Job<P, R> openJob(JobId id, ProgressSink sink);

  Optional<Job<P, R>> findJob(JobId id);

  /// Computes an edge on behalf of a vertex that is being evaluated (a build within a build):
  /// whoever wants that vertex wants and watches this too. Blocks as [Job#solve(Vertex.Edge)] does.
  ///
  /// @param parent the very context the vertex is evaluated with
  /// @return caller closes
  Job.Solved<R> solveWithin(EvaluationContext parent, Vertex.Edge<P> edge);

  /// Cancels every job and waits for all work to end.
  @Override
  void close();
}
