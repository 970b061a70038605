package dev.slipway.solver;

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
  record Solved<R extends Result>(R result, List<CacheKey> keys) implements AutoCloseable {
    public Solved {
      keys = List.copyOf(keys);
    }

    @Override
    public void close() {
      result.close();
    }
  }
}
