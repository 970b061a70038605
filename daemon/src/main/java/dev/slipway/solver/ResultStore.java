package dev.slipway.solver;

import java.time.Instant;
import java.util.Optional;

/// Keeps results beyond the life of a job, by an id that can be written into the cache. Blocking;
/// thread-safe.
public interface ResultStore<R extends Result> {
  /// Makes the result findable later. The result stays the caller's. Saved again, it has the same
  /// id.
  ///
  /// @return empty when this result cannot be kept (then its key is not recorded)
  Optional<StoredResult> save(R result);

  /// Opens a stored result again. Caller closes.
  ///
  /// @throws dev.slipway.failure.BuildFailure when it is gone or broken: the solver then treats the
  ///   hit as a miss
  R load(StoredResult stored, EvaluationContext context);

  /// Whether [#load] has a chance; cheap.
  boolean exists(String id);

  /// A result of that id was loaded, and what it is made of turned out to be gone.
  default void lost(String id) {}

  /// A result at rest.
  ///
  /// @param id opaque to the solver
  record StoredResult(String id, Instant createdAt) {}
}
