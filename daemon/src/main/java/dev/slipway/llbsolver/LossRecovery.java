package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefStore;
import dev.slipway.ref.RefStore.LostBlobs;
import dev.slipway.session.SessionGroup;
import dev.slipway.solver.Loss;
import dev.slipway.task.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Exports results of which something may turn out to be gone. Blobs whose layers are here are
/// replaced by others of the same content. What was found in a cache and is gone is made anew, with
/// what was made of it. Then everything is exported again. Confined to its build's thread.
final class LossRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(LossRecovery.class);

  /// A result that is exported.
  interface Exported {
    /// Digest of the vertex that made it.
    Digest madeBy();

    /// Stays the result's; empty for an empty tree.
    Optional<ImmutableRef> tree();

    /// Whether something of it is known to be gone.
    boolean isLost();

    /// Says that something of it is gone.
    ///
    /// @return whether there will be another, as it was found in a cache, or made of what was
    boolean lose(BuildFailure reason);
  }

  private final RefStore refs;
  private final List<Exported> results;
  private final FetchContext context;
  private final ProgressSink sink;
  private final Clock clock;
  private final Set<Digest> replaced = new HashSet<>();

  LossRecovery(
      RefStore refs,
      List<? extends Exported> results,
      SessionGroup sessions,
      ProgressSink sink,
      Clock clock) {
    this.refs = refs;
    this.results = List.copyOf(results);
    this.context = new FetchContext(sessions, new VertexProgress(Digest.EMPTY, sink, clock));
    this.sink = sink;
    this.clock = clock;
  }

  /// @param makeAgain computes the results that were lost
  /// @throws BuildFailure the export's own, when it is no loss or nothing can be done about it
  <T> T export(Supplier<T> export, Runnable makeAgain) {
    while (true) {
      try {
        return export.get();
      } catch (BuildFailure failure) {
        if (!Loss.mayExplain(failure) || !recover(failure)) {
          throw failure;
        }
        LOG.info("exporting again, as something of the result is lost: {}", failure.getMessage());
        makeAgain.run();
      }
    }
  }

  /// @return whether there is something that was not there before
  private boolean recover(BuildFailure failure) {
    boolean isOther = false;
    for (Exported result : results) {
      Optional<ImmutableRef> tree = result.tree();
      if (tree.isPresent()) {
        LostBlobs blobs = refs.replaceLostBlobs(tree.get(), context);
        isOther |= replaced.addAll(blobs.replaced());
        blobs.replaced().forEach(blob -> warn(result, blob));
        if (result.isLost()) {
          if (!result.lose(failure)) {
            throw blobs.irreplaceable().stream().findFirst().map(failure::in).orElse(failure);
          }
          isOther = true;
        }
      }
    }
    return isOther;
  }

  private void warn(Exported result, Digest blob) {
    new VertexProgress(result.madeBy(), sink, clock)
        .warn(
            1,
            "layer blob "
                + blob
                + " is gone where it came from; another one of the same layer is exported",
            List.of(),
            "",
            Optional.empty());
  }
}
