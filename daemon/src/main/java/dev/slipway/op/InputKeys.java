package dev.slipway.op;

import com.google.protobuf.ByteString;
import dev.slipway.contenthash.ContentHasher;
import dev.slipway.contenthash.ContentHasher.Selection;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Fact;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.solver.CacheMap.ContentKey;
import dev.slipway.solver.CacheMap.Input;
import dev.slipway.solver.CacheMap.Preparation;
import dev.slipway.solver.JobId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What ops say about their inputs: which content counts, and that lazy ones must be made real
/// before the op runs. Thread-safe.
final class InputKeys {
  private final ContentHasher hasher;
  private final JobSessions sessions;
  private final FailedStates failedStates;
  private final ByteString op;

  /// @param op the op as it was sent, to be debugged with when a key cannot be had
  InputKeys(ContentHasher hasher, JobSessions sessions, FailedStates failedStates, ByteString op) {
    this.hasher = hasher;
    this.sessions = sessions;
    this.failedStates = failedStates;
    this.op = op;
  }

  static InputKeys of(LlbVertex vertex, OpServices services) {
    return new InputKeys(
        services.hasher(), services.sessions(), services.failedStates(), vertex.vertex().encoded());
  }

  /// An input that is used whole and must be real.
  Input<RefResult> real() {
    return new Input<>(Optional.empty(), Optional.empty(), Optional.of(unlazy()));
  }

  /// @param index which input
  /// @param content parts whose content may stand for the input; an empty list means the whole tree
  Input<RefResult> selected(
      int index, Optional<Digest> selector, Optional<List<Selection>> content) {
    return new Input<>(
        selector, content.map(parts -> contentKey(index, parts)), Optional.of(unlazy()));
  }

  private Preparation<RefResult> unlazy() {
    return (context, input) ->
        input.ref().ifPresent(ref -> ref.unlazy(sessions.fetchContext(context)));
  }

  /// BuildKit hashes the digests' texts joined by NUL, also where there is but one.
  private ContentKey<RefResult> contentKey(int index, List<Selection> selections) {
    List<Selection> parts = selections.isEmpty() ? List.of(Selection.path("/", false)) : selections;
    return (context, input) -> {
      FetchContext fetch = sessions.fetchContext(context);
      try {
        String digests =
            parts.stream()
                .map(part -> namedDigest(input.ref(), part, fetch).toString())
                .collect(Collectors.joining("\0"));
        return Digest.ofText(digests);
      } catch (Cancelled cancelled) {
        throw cancelled;
      } catch (BuildFailure failure) {
        throw FailedStates.added(failure, () -> stateToDebug(index, context.jobs(), input));
      }
    };
  }

  private Fact.SolveInputs stateToDebug(int index, List<JobId> jobs, RefResult input) {
    return new Fact.SolveInputs(
        List.of(failedStates.keep(jobs, input.ref())),
        List.of(),
        op.toByteArray(),
        Optional.of(new Fact.Subject.CacheOfInput(index)),
        "");
  }

  /// Clients look for these words to tell a missing file from other failures of a step.
  private Digest namedDigest(Optional<ImmutableRef> ref, Selection part, FetchContext context) {
    try {
      return digest(ref, part, context);
    } catch (BuildFailure failure) {
      throw failure.in(
          "failed to calculate checksum of ref "
              + ref.map(existing -> existing.id().value()).orElse("scratch"));
    }
  }

  private Digest digest(Optional<ImmutableRef> ref, Selection part, FetchContext context) {
    if (ref.isPresent()) {
      Selection rooted =
          new Selection(
              GoPath.join("/", part.path()),
              part.followLinks(),
              part.wildcard(),
              part.include(),
              part.exclude(),
              part.required());
      return hasher.digest(ref.get(), List.of(rooted), context);
    }
    if (GoPath.join("/", part.path()).equals("/")) {
      return Digest.EMPTY;
    }
    throw new NotFound(GoPath.join("/", part.path()) + ": no such file or directory");
  }
}
