package dev.slipway.op;

import dev.slipway.failure.NotFound;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefId;
import dev.slipway.ref.RefLayer;
import dev.slipway.ref.RefStore;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.ResultStore;
import java.util.Optional;
import java.util.function.Predicate;

/// Results at rest are refs at rest: the id of a stored result is its ref's, and the ref store
/// keeps what was committed until it is pruned. Thread-safe.
public final class RefResultStore implements ResultStore<RefResult> {
  /// Id of the stored empty tree; not a possible ref id.
  private static final String SCRATCH = "scratch";

  private final RefStore refs;
  private final Predicate<RefLayer> obtainable;

  /// @param obtainable whether a layer that may have no files here can be had; false where it is
  ///   known that it cannot, because the client it came from has gone
  public RefResultStore(RefStore refs, Predicate<RefLayer> obtainable) {
    this.refs = refs;
    this.obtainable = obtainable;
  }

  @Override
  public Optional<StoredResult> save(RefResult result) {
    return Optional.of(
        result
            .ref()
            .map(ref -> new StoredResult(ref.id().value(), ref.info().createdAt()))
            .orElseGet(() -> new StoredResult(SCRATCH, java.time.Instant.EPOCH)));
  }

  @Override
  public RefResult load(StoredResult stored, EvaluationContext context) {
    if (stored.id().equals(SCRATCH)) {
      return RefResult.SCRATCH;
    }
    ImmutableRef ref =
        refs.find(new RefId(stored.id()))
            .orElseThrow(() -> new NotFound("the cached result " + stored.id() + " was removed"));
    if (ref.lazy() && !ref.layers().stream().allMatch(obtainable)) {
      ref.close();
      throw new NotFound(
          "the cached result " + stored.id() + " has layers that can no longer be fetched");
    }
    return RefResult.of(ref);
  }

  @Override
  public boolean exists(String id) {
    if (id.equals(SCRATCH)) {
      return true;
    }
    if (!RefId.isId(id)) {
      return false;
    }
    Optional<ImmutableRef> found = refs.find(new RefId(id));
    found.ifPresent(ImmutableRef::close);
    return found.isPresent();
  }
}
