package dev.slipway.op;

import dev.slipway.ref.ImmutableRef;
import dev.slipway.solver.Result;
import java.util.Optional;

/// One output of an op: a file tree, or nothing at all (scratch). Thread-safe.
///
/// @param ref the hold this result owns; empty for an empty tree
public record RefResult(Optional<ImmutableRef> ref) implements Result {
  public static final RefResult SCRATCH = new RefResult(Optional.empty());

  public static RefResult of(ImmutableRef ref) {
    return new RefResult(Optional.of(ref));
  }

  @Override
  public RefResult share() {
    return new RefResult(ref.map(ImmutableRef::share));
  }

  @Override
  public boolean isLost() {
    return ref.filter(ImmutableRef::isLost).isPresent();
  }

  @Override
  public void close() {
    ref.ifPresent(ImmutableRef::close);
  }
}
