package dev.slipway.solver;

import dev.slipway.failure.BuildFailure;
import java.util.List;

/// One client's solve over the shared graph. Thread-safe. Closing it discards its interest: work
/// that nobody else wants is cancelled.
public interface Job<P, R extends Result> extends AutoCloseable {
  JobId id();

  /// Computes the edge, or finds it in the cache; blocks until done. Interruption cancels this
  /// request.
  ///
  /// @return the result with its keys; caller closes
  /// @throws dev.slipway.failure.BuildFailure the failure of the vertex that failed, with the fact
  ///   `AtVertex`
  Solved<R> solve(Vertex.Edge<P> edge);

  /// Says that something is gone that this result of the edge is made of, as its user found out. If
  /// it was found in a cache, it is left out from now on: the next [#solve] finds another or makes
  /// it.
  ///
  /// @param lost stays the caller's
  /// @param reason what its user met with
  /// @return whether solving again helps; false when that is no loss, or the result was made by
  ///   running the vertex and would only be lost again
  boolean lose(Vertex.Edge<P> edge, Solved<R> lost, BuildFailure reason);

  /// Has all vertices of this job look into that cache too, from now on. A cache of the same id is
  /// taken up once.
  void consult(ImportedCache<R> cache);

  /// What the job's vertices can find, for those who export it.
  CacheContents<R> cache();

  /// What was decided about the cache for the vertices of this job, so far. Also for work that
  /// another job began.
  default List<CacheDecision> decisions() {
    return List.of();
  }

  /// Idempotent. Waits until this job's own events are all out.
  @Override
  void close();

  /// A result and how it can be found again.
  ///
  /// @param keys handles for cache exporters into the key store, empty for work that has no key
  /// @param run tells it from other results that the edge had before or gets later
  record Solved<R extends Result>(R result, List<CacheKey> keys, String run)
      implements AutoCloseable {
    public Solved {
      keys = List.copyOf(keys);
    }

    @Override
    public void close() {
      result.close();
    }
  }
}
