package dev.slipway.solver;

import dev.slipway.oci.Digest;
import dev.slipway.solver.cachekey.KeyId;
import java.util.List;
import java.util.Optional;

/// Why a vertex did or did not run: known, not guessed.
///
/// @param vertex whose decision it is
/// @param output of which output
/// @param key the key the decision was about, where there is one
/// @param nearest the earlier record that comes closest to it, where it is a miss
public record CacheDecision(
    Digest vertex,
    String name,
    int output,
    Optional<KeyId> key,
    Outcome outcome,
    Reason reason,
    Optional<KeyId> nearest) {

  public enum Outcome {
    /// Loaded from the cache.
    HIT,
    /// Executed, because nothing was found.
    MISS,
    /// Found, but could not be loaded.
    UNHIT,
    /// Took the result of another vertex with an equal key.
    MERGED,
    /// Executed, because it was told to.
    IGNORED
  }

  public sealed interface Reason {
    /// The definition alone led to it.
    record ByDefinition() implements Reason {}

    /// The content of these inputs led to it.
    record ByContent(List<Integer> inputs) implements Reason {}

    /// The vertex ignores the cache.
    record Forced() implements Reason {}

    /// It was made again on top of an input that ignores the cache.
    record InputForced(int input) implements Reason {}

    /// The nearest record has the same operation but something else as this input; it is the first
    /// one that differs.
    record InputDiffers(int input) implements Reason {}

    /// Every input was seen with this operation before, but never these together.
    record InputsNeverTogether() implements Reason {}

    /// The nearest record has the same inputs but another operation.
    record OperationDiffers(Digest nearest) implements Reason {}

    /// Neither the operation nor anything made of the same inputs was seen before.
    record NeverSeen() implements Reason {}

    /// The key is known, but its results were removed.
    record ResultsGone() implements Reason {}

    /// The result is on record, but loading it failed.
    record LoadFailed(String message) implements Reason {}

    /// Its key equals that vertex's.
    record SameKeyAs(Digest vertex) implements Reason {}
  }
}
