package dev.slipway.solver;

import dev.slipway.oci.Digest;
import java.util.List;
import java.util.Optional;

/// How a vertex's cache key is computed: its own digest, and for each input what of it counts.
///
/// An evaluator may know several, tried in order: a registry image has one for its manifest and one
/// for its chain of layers.
///
/// @param digest identifies the op itself; `random:` digests are expressed by `shareable = false`
/// @param inputs one for each input of the vertex, in order
/// @param last there is no further cache map after this one
/// @param shareable false: the key means something within this daemon's run only (a client's local
///   files); never exported
public record CacheMap<R extends Result>(
    Digest digest, List<Input<R>> inputs, boolean last, boolean shareable) {
  public CacheMap {
    inputs = List.copyOf(inputs);
  }

  /// @param selector which part of the input counts; empty means all, in every link and lookup
  /// @param contentKey computes a digest from the *content* of the input's result (a "slow" key),
  ///   tried where the first lookup missed
  /// @param preparation run on the input's result before the vertex executes (makes lazy results
  ///   real); not run on a cache hit
  public record Input<R extends Result>(
      Optional<Digest> selector,
      Optional<ContentKey<R>> contentKey,
      Optional<Preparation<R>> preparation) {
    public static <R extends Result> Input<R> plain() {
      return new Input<>(Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  @FunctionalInterface
  public interface ContentKey<R extends Result> {
    /// Blocks; reads the input's files. The input stays the caller's.
    Digest compute(EvaluationContext context, R input);
  }

  @FunctionalInterface
  public interface Preparation<R extends Result> {
    /// @throws dev.slipway.failure.BuildFailure one of the kinds that say that something is not
    ///   where it was said to be (not found, unavailable, corrupt, …): an input that was found in a
    ///   cache is then lost, and made anew
    void prepare(EvaluationContext context, R input);
  }
}
