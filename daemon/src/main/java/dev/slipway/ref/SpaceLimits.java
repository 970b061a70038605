package dev.slipway.ref;

import dev.slipway.content.ContentStore;
import dev.slipway.ref.RefStore.PrunePolicy;
import dev.slipway.task.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Has refs and blobs go so that policies are kept: first blobs that nothing needs, then records.
/// Thread-safe.
final class SpaceLimits {
  /// How old a blob must be to be swept. Documents of images are worth keeping for the next build.
  private static final Duration GRACE = Duration.ofHours(1);

  private static final Duration SHORT_GRACE = Duration.ofMinutes(10);

  private final Pruning pruning;
  private final Removal removal;
  private final RefGraph graph;
  private final RefTable table;
  private final Ledger ledger;
  private final Trees trees;
  private final ContentStore content;
  private final Clock clock;
  private volatile Supplier<Optional<Instant>> countedOn = Optional::empty;

  SpaceLimits(
      Removal removal,
      RefGraph graph,
      RefTable table,
      Ledger ledger,
      Trees trees,
      ContentStore content,
      Clock clock) {
    this.pruning = new Pruning(removal, graph, ledger, trees, clock);
    this.removal = removal;
    this.graph = graph;
    this.table = table;
    this.ledger = ledger;
    this.trees = trees;
    this.content = content;
    this.clock = clock;
  }

  /// See [SnapshotRefStore#keepContentSince].
  void keepContentSince(Supplier<Optional<Instant>> counted) {
    countedOn = counted;
  }

  /// See [RefStore#prune].
  void prune(PrunePolicy policy, Consumer<RefInfo> removed) {
    if (isOver(policy, policy.maxUsedBytes() > 0 ? recordedBytes() : 0)) {
      sweepOlderThan(Duration.ZERO);
    }
    pruning.run(policy, removed);
    sweepOlderThan(grace(policy));
    table.storeRemoval(graph);
  }

  /// See [SnapshotRefStore#enforce].
  void enforce(PrunePolicy limits, long usedBytes, Consumer<RefInfo> removed) {
    long before = content.totalBytes();
    if (isOver(limits, usedBytes)) {
      sweepOlderThan(Duration.ZERO);
    }
    long used = usedBytes - (before - content.totalBytes());
    ledger.measure();
    pruning.run(limits, used, removed);
    sweepOlderThan(grace(limits));
    table.storeRemoval(graph);
  }

  private long recordedBytes() {
    ledger.measure();
    return ledger.totalBytes();
  }

  private boolean isOver(PrunePolicy policy, long usedBytes) {
    return (policy.maxUsedBytes() > 0 && usedBytes > policy.maxUsedBytes())
        || (policy.minFreeBytes() > 0 && trees.freeBytes().getAsLong() < policy.minFreeBytes());
  }

  private void sweepOlderThan(Duration grace) {
    Instant before = clock.now().minus(grace);
    Optional<Instant> counted = countedOn.get();
    removal.sweepContent(
        counted.isPresent() && counted.get().isBefore(before) ? counted.get() : before);
  }

  private static Duration grace(PrunePolicy policy) {
    if (!policy.all()) {
      return GRACE;
    }
    return policy.isUnlimited() ? Duration.ZERO : SHORT_GRACE;
  }
}
