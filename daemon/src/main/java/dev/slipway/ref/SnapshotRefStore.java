package dev.slipway.ref;

import dev.slipway.content.ContentStore;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.layer.LayerCompression;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.task.Clock;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Refs over a snapshotter, a content store and the metadata database.
///
/// Every layer is a snapshot of its own, committed without parents; which layers make up a tree is
/// known here ([RefGraph]) and nowhere else. So layers arrive in any order, and a merge or a
/// difference of related trees is only another list of layers.
///
/// **Crash.** Making something, files come first and the record last; removing, the record goes
/// first. What is recorded therefore is there, and [#open] sweeps what is not recorded. One
/// transaction a change, without an fsync of its own.
///
/// Thread-safe: records are guarded by the graph; no lock is held while files move.
public final class SnapshotRefStore implements RefStore {
  private final Trees trees;
  private final ContentStore content;
  private final Clock clock;
  private final RefGraph graph;
  private final RefTable table;
  private final LayerTools tools;
  private final LayerLosses losses;
  private final Composition composition;
  private final KeptTrees kept;
  private final LayerArrival arrival;
  private final LayerExport export;
  private final LayerStack stack;
  private final Ledger ledger;
  private final Removal removal;
  private final SpaceLimits limits;
  private final Growth growth = new Growth();
  private final AtomicInteger openHolds = new AtomicInteger();

  private SnapshotRefStore(
      Trees trees,
      LayerTools tools,
      ContentStore content,
      RefGraph graph,
      RefTable table,
      Clock clock) {
    this.trees = trees;
    this.content = content;
    this.clock = clock;
    this.graph = graph;
    this.table = table;
    this.composition = new Composition(graph, clock);
    this.kept = new KeptTrees(graph, table, trees.snapshotter());
    this.losses = new LayerLosses(clock);
    this.tools = tools.fetchingBy(losses.noting(tools.fetcher()));
    this.arrival =
        new LayerArrival(graph, table, trees.snapshotter(), this.tools, content, losses, growth);
    this.export = new LayerExport(graph, table, this.tools, content, arrival, losses, growth);
    this.stack = new LayerStack(graph, trees.snapshotter());
    this.ledger = new Ledger(graph, trees.snapshotter(), content);
    this.removal = new Removal(graph, table, trees.snapshotter(), content);
    this.limits = new SpaceLimits(removal, graph, table, ledger, trees, content, clock);
  }

  /// The tables this store needs in its database.
  public static Schema schema() {
    return RefTable.SCHEMA;
  }

  /// Opens the store on what is there, whatever ended the last process: records whose files are
  /// gone are dropped (or lazy again), files without record are removed. The snapshotter and the
  /// content store must serve this store alone. Caller closes.
  public static SnapshotRefStore open(
      Trees trees, LayerTools tools, ContentStore content, MetadataDatabase database, Clock clock) {
    RefGraph graph = new RefGraph();
    RefTable table = new RefTable(database);
    new Reconciliation(graph, table, trees.snapshotter(), content).run();
    return new SnapshotRefStore(trees, tools, content, graph, table, clock);
  }

  @Override
  public MutableRef newMutable(
      Optional<ImmutableRef> parent, RefDescription description, FetchContext context) {
    return newMutable(parent, description, context, Optional.empty());
  }

  private OwnedMutableRef newMutable(
      Optional<ImmutableRef> parent,
      RefDescription description,
      FetchContext context,
      Optional<String> tag) {
    Optional<RefRecord> below = parent.map(SnapshotRefStore::recordOf);
    List<SnapshotName> stackBelow = List.of();
    if (below.isPresent()) {
      unlazy(below.get(), context);
      kept.harden(below.get());
      stackBelow = stack.names(below.get());
    }
    RefRecord record =
        new RefRecord(
            RefId.random(),
            new Shape.Own(below.map(known -> known.id), Optional.empty()),
            description,
            clock.now());
    SnapshotName active = new SnapshotName("rw-" + record.id.value());
    trees.snapshotter().prepare(active, stackBelow);
    record.mutable = true;
    record.files = new LayerFiles.Active(active);
    record.fileBytes = RefRecord.UNMEASURED;
    record.tag = tag;
    record.holds = 1;
    graph.add(record);
    return heldMutable(record);
  }

  @Override
  public ImmutableRef ofLayers(List<LayerSource> layers, RefDescription description) {
    if (layers.isEmpty()) {
      throw new InvalidRequest("a tree needs at least one layer");
    }
    return stored(composition.chain(layers, description));
  }

  @Override
  public ImmutableRef merge(
      List<ImmutableRef> refs, RefDescription description, FetchContext context) {
    if (refs.isEmpty()) {
      throw new InvalidRequest("nothing to merge");
    }
    if (refs.size() == 1) {
      return refs.getFirst().share();
    }
    List<RefRecord> merged = refs.stream().map(SnapshotRefStore::recordOf).toList();
    merged.forEach(kept::harden);
    return stored(composition.merged(merged, description));
  }

  @Override
  public ImmutableRef diff(
      Optional<ImmutableRef> lower,
      Optional<ImmutableRef> upper,
      RefDescription description,
      FetchContext context) {
    if (lower.isEmpty()) {
      return upper
          .map(ImmutableRef::share)
          .orElseThrow(
              () -> new InvalidRequest("the difference of nothing and nothing is no tree"));
    }
    Optional<RefRecord> over = upper.map(SnapshotRefStore::recordOf);
    over.ifPresent(kept::harden);
    Optional<RefRecord> between =
        over.filter(record -> !hasIdleDirectories(recordOf(lower.get()), record))
            .flatMap(record -> composition.above(recordOf(lower.get()), record, description));
    return between.isPresent()
        ? stored(between.get())
        : computedDiff(lower.get(), upper, description, context);
  }

  /// Whether a layer that the upper tree has on the lower one says more than what it changes. Only
  /// one that was written here can.
  private boolean hasIdleDirectories(RefRecord lower, RefRecord upper) {
    List<RefRecord> above =
        graph.inspect(() -> graph.layers(upper).stream().skip(graph.layers(lower).size()).toList());
    return above.stream().anyMatch(this::hasIdleDirectories);
  }

  private boolean hasIdleDirectories(RefRecord layer) {
    Optional<RefRecord> parent =
        graph.inspect(
            () ->
                layer.origin.isEmpty() && layer.shape instanceof Shape.Own own
                    ? own.parent().map(graph::require)
                    : Optional.empty());
    return layer.files instanceof LayerFiles.Committed(SnapshotName own)
        && parent.isPresent()
        && !lazy(parent.get())
        && trees
            .settler()
            .hasIdleDirectories(trees.snapshotter().layerDirectory(own), directories(parent.get()));
  }

  private ImmutableRef computedDiff(
      ImmutableRef lower,
      Optional<ImmutableRef> upper,
      RefDescription description,
      FetchContext context) {
    try (OwnedMutableRef difference =
            newMutable(Optional.empty(), description, context, Optional.empty());
        MountedTree before = lower.openTree(context)) {
      Path layer = trees.snapshotter().layerDirectory(difference.active());
      if (upper.isPresent()) {
        try (MountedTree after = upper.get().openTree(context)) {
          trees.differ().write(before.root(), Optional.of(after.root()), layer);
        }
      } else {
        trees.differ().write(before.root(), Optional.empty(), layer);
      }
      // As a stack of one it is mounted so that its deletions do not show.
      try (ImmutableRef alone = difference.commit()) {
        return stored(composition.merged(List.of(recordOf(alone)), description));
      }
    }
  }

  @Override
  public Optional<ImmutableRef> find(RefId id) {
    return graph.hold(id, record -> !record.mutable).map(this::held);
  }

  @Override
  public MutableRef openTagged(
      String tag, Optional<ImmutableRef> parent, RefDescription description, FetchContext context) {
    Optional<KeptTrees.Taken> taken = kept.take(tag);
    OwnedMutableRef opened =
        taken.isPresent()
            ? heldMutable(taken.get().record())
            : newMutable(parent, description, context, Optional.of(tag));
    table.store(graph);
    taken.flatMap(KeptTrees.Taken::replaced).ifPresent(removal::reopened);
    return opened;
  }

  @Override
  public void dropTagged(String tag) {
    graph.tagged(tag).forEach(removal::remove);
  }

  @Override
  public void retireTagged(Predicate<String> tags) {
    graph.retireTagged(tags).forEach(removal::remove);
  }

  @Override
  public List<Descriptor> blobs(
      ImmutableRef ref, LayerCompression compression, FetchContext context) {
    return export.blobs(graph.layers(recordOf(ref)), compression, context);
  }

  @Override
  public Optional<List<Descriptor>> knownBlobs(ImmutableRef ref, LayerCompression compression) {
    return export.known(graph.layers(recordOf(ref)), compression);
  }

  @Override
  public List<Descriptor> lazyBlobs(
      ImmutableRef ref, LayerCompression compression, FetchContext context) {
    return export.lazyBlobs(graph.layers(recordOf(ref)), compression, context);
  }

  @Override
  public void bringBlob(ImmutableRef ref, Descriptor blob, FetchContext context) {
    export.bring(graph.layers(recordOf(ref)), blob, context);
  }

  @Override
  public LostBlobs replaceLostBlobs(ImmutableRef ref, FetchContext context) {
    return export.replaceLost(graph.layers(recordOf(ref)), context);
  }

  @Override
  public long losses() {
    return losses.count();
  }

  /// Fetches as the store does, which takes note of what cannot be had.
  public LayerFetcher fetcher() {
    return tools.fetcher();
  }

  @Override
  public List<RefInfo> usage() {
    ledger.measure();
    return ledger.infos(removal.shared());
  }

  @Override
  public void prune(PrunePolicy policy, Consumer<RefInfo> removed) {
    limits.prune(policy, removed);
  }

  /// As [#prune], for limits on all that lies on disk.
  ///
  /// @param usedBytes what that is now, see [#occupiedBytes]
  public void enforce(PrunePolicy policy, long usedBytes, Consumer<RefInfo> removed) {
    limits.enforce(policy, usedBytes, removed);
  }

  /// Says which blobs something other than cache needs (an image kept here): refs with such a blob
  /// count as shared, and the blob stays.
  public void shareContent(Predicate<Digest> needed) {
    removal.share(needed);
  }

  /// Says since when stored blobs may be counted on by somebody who has no hold on them, as builds
  /// that run do: such blobs are not swept.
  public void keepContentSince(Supplier<Optional<Instant>> counted) {
    limits.keepContentSince(counted);
  }

  /// Deletes blobs that something other than cache gave up, unless they are still needed.
  public void releaseContent(Collection<Digest> blobs) {
    removal.release(blobs);
  }

  @Override
  public void onGrown(Runnable listener) {
    growth.listen(listener);
  }

  @Override
  public void onRemoved(Consumer<RefId> listener) {
    removal.onRemoved(listener);
  }

  @Override
  public void onContentGone(Consumer<String> listener) {
    removal.onContentGone(listener);
  }

  @Override
  public void onContentOpened(Consumer<String> listener) {
    removal.onContentOpened(listener);
  }

  @Override
  public int openHolds() {
    return openHolds.get();
  }

  /// Compares what is recorded with what the disk says.
  ///
  /// @return one line for each difference; empty when the ledger is exact
  public List<String> verifyLedger() {
    ledger.measure();
    return ledger.differences();
  }

  /// What is on disk for refs and blobs altogether, as recorded.
  public long totalBytes() {
    ledger.measure();
    return ledger.totalBytes();
  }

  /// What is on disk for refs and blobs at this moment, finished or being written.
  public long occupiedBytes() {
    return totalBytes() + ledger.bytesBeingWritten() + content.unfinishedBytes();
  }

  /// Writes what is not yet written (last uses). Everything else is written already.
  @Override
  public void close() {
    table.store(graph);
  }

  // ---- what refs do ----

  private HeldRef held(RefRecord record) {
    openHolds.incrementAndGet();
    return new HeldRef(this, record);
  }

  private HeldRef stored(RefRecord record) {
    HeldRef held = held(record);
    table.store(graph);
    return held;
  }

  private OwnedMutableRef heldMutable(RefRecord record) {
    openHolds.incrementAndGet();
    return new OwnedMutableRef(this, record);
  }

  ImmutableRef share(RefRecord record) {
    graph.hold(record);
    return held(record);
  }

  void release(RefRecord record) {
    openHolds.decrementAndGet();
    graph.release(record, clock.now());
  }

  List<RefLayer> layers(RefRecord record) {
    return graph.inspect(() -> graph.layers(record).stream().map(RefRecord::asLayer).toList());
  }

  boolean lazy(RefRecord record) {
    return !arrival.missing(graph.layers(record)).isEmpty();
  }

  boolean isLost(RefRecord record) {
    return graph.layers(record).stream().anyMatch(arrival::isLost);
  }

  void unlazy(RefRecord record, FetchContext context) {
    arrival.bring(graph.layers(record), context);
  }

  List<Mount> mounts(RefRecord record) {
    return stack.mounts(record);
  }

  MountedTree openTree(RefRecord record, FetchContext context) {
    unlazy(record, context);
    try {
      return trees.mounter().mount(mounts(record));
    } catch (NotFound hardenedMeanwhile) {
      return trees.mounter().mount(mounts(record));
    }
  }

  List<Mount> mutableMounts(RefRecord record) {
    return trees.snapshotter().mounts(activeSnapshot(record));
  }

  MountedTree openMutableTree(RefRecord record) {
    return trees.mounter().mount(mutableMounts(record));
  }

  SnapshotName activeSnapshot(RefRecord record) {
    return graph.inspect(() -> record.files.snapshot()).orElseThrow();
  }

  RefInfo info(RefRecord record) {
    return ledger.info(record, removal.shared());
  }

  /// The mutable ref's hold becomes the immutable one's.
  ImmutableRef commit(RefRecord record) {
    if (record.tag.isPresent()) {
      graph.change(record, frozen -> frozen.mutable = false);
    } else {
      SnapshotName committed = new SnapshotName(record.id.value());
      settle(record);
      trees.snapshotter().commit(activeSnapshot(record), committed, List.of());
      graph.change(
          record,
          frozen -> {
            frozen.mutable = false;
            frozen.files = new LayerFiles.Committed(committed);
          });
    }
    table.store(graph);
    growth.happened();
    return new HeldRef(this, record);
  }

  private void settle(RefRecord record) {
    if (record.shape instanceof Shape.Own own && own.parent().isPresent()) {
      RefRecord parent = graph.inspect(() -> graph.require(own.parent().get()));
      trees
          .settler()
          .settle(trees.snapshotter().layerDirectory(activeSnapshot(record)), directories(parent));
    }
  }

  /// Of the layers, base first.
  private List<Path> directories(RefRecord tree) {
    return stack.names(tree).stream().map(trees.snapshotter()::layerDirectory).toList();
  }

  void closeMutable(RefRecord record) {
    openHolds.decrementAndGet();
    graph.release(record, clock.now());
    if (record.tag.isPresent() && !graph.inspect(() -> record.retired)) {
      graph.change(record, tree -> tree.fileBytes = RefRecord.UNMEASURED);
      table.store(graph);
    } else {
      removal.remove(record);
    }
  }

  private static RefRecord recordOf(ImmutableRef ref) {
    if (ref instanceof HeldRef held) {
      return held.record();
    }
    throw new InvalidRequest("ref " + ref.id() + " belongs to another store");
  }
}
