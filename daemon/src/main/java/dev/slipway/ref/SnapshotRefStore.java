package dev.slipway.ref;

import dev.slipway.content.ContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.layer.LayerCompression;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.ChainId;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.task.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Refs over a snapshotter, a content store and the metadata database.
///
/// Every layer is a snapshot of its own, committed without parents; which layers make up a tree is known here ([RefGraph]) and nowhere else. So
/// layers arrive in any order, and a merge or a difference of related trees is only another list of layers.
///
/// **Crash.** Making something, files come first and the record last; removing, the record goes first. What is recorded therefore is there,
/// and [#open] sweeps what is not recorded. One transaction a change, without an fsync of its own.
///
/// Thread-safe: records are guarded by the graph; no lock is held while files move.
public final class SnapshotRefStore implements RefStore {
  private static final Logger log = LoggerFactory.getLogger(SnapshotRefStore.class);

  private final Trees trees;
  private final ContentStore content;
  private final Clock clock;
  private final RefGraph graph;
  private final RefTable table;
  private final LayerArrival arrival;
  private final LayerExport export;
  private final LayerStack stack;
  private final Ledger ledger;
  private final List<Consumer<String>> contentListeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<RefId>> removalListeners = new CopyOnWriteArrayList<>();
  private final AtomicInteger openHolds = new AtomicInteger();
  private volatile Predicate<Digest> sharedContent = _ -> false;

  private SnapshotRefStore(Trees trees, LayerTools tools, ContentStore content, RefGraph graph, RefTable table, Clock clock) {
    this.trees = trees;
    this.content = content;
    this.clock = clock;
    this.graph = graph;
    this.table = table;
    this.arrival = new LayerArrival(graph, table, trees.snapshotter(), tools, content);
    this.export = new LayerExport(graph, table, trees.snapshotter(), tools, content, arrival);
    this.stack = new LayerStack(graph, trees.snapshotter());
    this.ledger = new Ledger(graph, trees.snapshotter(), content);
  }

  /// The tables this store needs in its database.
  public static Schema schema() {
    return RefTable.SCHEMA;
  }

  /// Opens the store on what is there, whatever ended the last process: records whose files are gone are dropped (or lazy again), files without
  /// record are removed. The snapshotter and the content store must serve this store alone. Caller closes.
  public static SnapshotRefStore open(Trees trees, LayerTools tools, ContentStore content, MetadataDatabase database, Clock clock) {
    RefGraph graph = new RefGraph();
    RefTable table = new RefTable(database);
    new Reconciliation(graph, table, trees.snapshotter(), content).run();
    return new SnapshotRefStore(trees, tools, content, graph, table, clock);
  }

  @Override
  public MutableRef newMutable(Optional<ImmutableRef> parent, RefDescription description, FetchContext context) {
    return newMutable(parent, description, context, Optional.empty());
  }

  private OwnedMutableRef newMutable(
      Optional<ImmutableRef> parent, RefDescription description, FetchContext context, Optional<String> tag) {
    Optional<RefRecord> below = parent.map(SnapshotRefStore::recordOf);
    List<SnapshotName> stackBelow = List.of();
    if (below.isPresent()) {
      makeStackable(below.get(), context);
      stackBelow = stack.names(below.get());
    }
    RefRecord record =
        new RefRecord(RefId.random(), new Shape.Own(below.map(known -> known.id), Optional.empty()), description, clock.now());
    SnapshotName active = new SnapshotName("rw-" + record.id.value());
    trees.snapshotter().prepare(active, stackBelow);
    record.mutable = true;
    record.files = new LayerFiles.Active(active);
    record.fileBytes = RefRecord.UNMEASURED;
    record.tag = tag;
    record.holds = 1;
    graph.add(record);
    openHolds.incrementAndGet();
    return new OwnedMutableRef(this, record);
  }

  /// Real, and all of it committed for good: others will stand on it.
  private void makeStackable(RefRecord record, FetchContext context) {
    unlazy(record, context);
    for (RefRecord layer : graph.layers(record)) {
      harden(layer);
    }
  }

  /// Commits a kept tree's snapshot; its tag's next user starts from nothing.
  private void harden(RefRecord layer) {
    synchronized (layer) {
      Optional<SnapshotName> active =
          graph.inspect(() -> layer.files instanceof LayerFiles.Active(SnapshotName name) && !layer.mutable ? Optional.of(name) : Optional.empty());
      if (active.isEmpty()) {
        return;
      }
      SnapshotName committed = new SnapshotName(layer.id.value());
      trees.snapshotter().commit(active.get(), committed, List.of());
      graph.change(
          layer,
          record -> {
            graph.untag(record);
            record.files = new LayerFiles.Committed(committed);
          });
      table.store(graph);
    }
  }

  @Override
  public ImmutableRef ofLayers(List<LayerSource> layers, RefDescription description) {
    if (layers.isEmpty()) {
      throw new InvalidRequest("a tree needs at least one layer");
    }
    RefRecord top = graph.inspect(() -> chainOf(layers, description));
    openHolds.incrementAndGet();
    table.store(graph);
    return new HeldRef(this, top);
  }

  private RefRecord chainOf(List<LayerSource> layers, RefDescription description) {
    Optional<RefRecord> below = Optional.empty();
    Digest blobChain = Digest.EMPTY;
    Optional<ChainId> chain = Optional.empty();
    for (LayerSource layer : layers) {
      blobChain = RefGraph.blobChain(blobChain, layer.blob().digest(), layer.diffId());
      chain = Optional.of(chain.map(known -> known.append(layer.diffId())).orElseGet(() -> ChainId.of(List.of(layer.diffId()))));
      Optional<RefRecord> known = graph.byBlobChain(blobChain);
      if (known.isPresent()) {
        RefRecord found = known.get();
        if (layer.origin().isPresent() && !layer.origin().equals(found.origin)) {
          graph.change(found, record -> record.origin = layer.origin());
        }
        below = known;
      } else {
        below = Optional.of(newLazyLayer(layer, below, chain.flatMap(graph::byChain), description));
      }
    }
    RefRecord top = below.orElseThrow();
    graph.hold(top);
    return top;
  }

  private RefRecord newLazyLayer(LayerSource layer, Optional<RefRecord> below, Optional<RefRecord> twin, RefDescription description) {
    Shape shape = new Shape.Own(below.map(known -> known.id), twin.map(known -> known.id));
    String text = layer.description().isEmpty() ? description.text() : layer.description();
    RefRecord record = new RefRecord(RefId.random(), shape, new RefDescription(text, description.type()), clock.now());
    record.diffId = Optional.of(layer.diffId());
    record.addBlob(layer.blob());
    record.origin = layer.origin();
    twin.ifPresent(same -> record.contentKey = same.contentKey);
    graph.add(record);
    return record;
  }

  @Override
  public ImmutableRef merge(List<ImmutableRef> refs, RefDescription description, FetchContext context) {
    if (refs.isEmpty()) {
      throw new InvalidRequest("nothing to merge");
    }
    if (refs.size() == 1) {
      return refs.getFirst().share();
    }
    List<RefRecord> merged = refs.stream().map(SnapshotRefStore::recordOf).toList();
    for (RefRecord record : merged) {
      graph.layers(record).forEach(this::harden);
    }
    RefRecord top =
        graph.inspect(
            () -> {
              List<RefId> layers = new ArrayList<>();
              merged.forEach(record -> graph.layers(record).forEach(layer -> layers.add(layer.id)));
              return addStack(new Shape.Stack(layers, merged.stream().map(record -> record.id).toList()), description);
            });
    table.store(graph);
    return new HeldRef(this, top);
  }

  private RefRecord addStack(Shape.Stack shape, RefDescription description) {
    RefRecord record = new RefRecord(RefId.random(), shape, description, clock.now());
    record.holds = 1;
    graph.add(record);
    openHolds.incrementAndGet();
    return record;
  }

  @Override
  public ImmutableRef diff(
      Optional<ImmutableRef> lower, Optional<ImmutableRef> upper, RefDescription description, FetchContext context) {
    if (lower.isEmpty()) {
      return upper.map(ImmutableRef::share).orElseThrow(() -> new InvalidRequest("the difference of nothing and nothing is no tree"));
    }
    Optional<RefRecord> top = upper.flatMap(over -> layersAbove(recordOf(lower.get()), recordOf(over), description));
    if (top.isPresent()) {
      table.store(graph);
      return new HeldRef(this, top.get());
    }
    return computedDiff(lower.get(), upper, description, context);
  }

  /// When the upper tree was made from the lower one, the difference is the layers in between.
  private Optional<RefRecord> layersAbove(RefRecord lower, RefRecord upper, RefDescription description) {
    graph.layers(upper).forEach(this::harden);
    return graph.inspect(
        () -> {
          List<RefRecord> below = graph.layers(lower);
          List<RefRecord> all = graph.layers(upper);
          if (all.size() <= below.size() || !all.subList(0, below.size()).equals(below)) {
            return Optional.empty();
          }
          List<RefId> above = all.subList(below.size(), all.size()).stream().map(layer -> layer.id).toList();
          return Optional.of(addStack(new Shape.Stack(above, List.of(upper.id)), description));
        });
  }

  private ImmutableRef computedDiff(ImmutableRef lower, Optional<ImmutableRef> upper, RefDescription description, FetchContext context) {
    try (OwnedMutableRef difference = newMutable(Optional.empty(), description, context, Optional.empty());
        MountedTree before = lower.openTree(context)) {
      Path layer = trees.snapshotter().layerDirectory(difference.active());
      if (upper.isPresent()) {
        try (MountedTree after = upper.get().openTree(context)) {
          trees.differ().write(before.root(), Optional.of(after.root()), layer);
        }
      } else {
        trees.differ().write(before.root(), Optional.empty(), layer);
      }
      return difference.commit();
    }
  }

  @Override
  public Optional<ImmutableRef> find(RefId id) {
    Optional<RefRecord> held = graph.hold(id, record -> !record.mutable);
    held.ifPresent(_ -> openHolds.incrementAndGet());
    return held.map(record -> new HeldRef(this, record));
  }

  @Override
  public MutableRef openTagged(String tag, Optional<ImmutableRef> parent, RefDescription description, FetchContext context) {
    Optional<Taken> taken = graph.inspect(() -> takeKept(tag));
    if (taken.isPresent()) {
      openHolds.incrementAndGet();
      taken.get().replaced().ifPresent(this::forgotten);
      table.store(graph);
      return new OwnedMutableRef(this, taken.get().record());
    }
    OwnedMutableRef made = newMutable(parent, description, context, Optional.of(tag));
    table.store(graph);
    return made;
  }

  private record Taken(RefRecord record, Optional<Removed> replaced) {}

  private record Removed(RefRecord record, List<Digest> orphans) {}

  /// The first tree under the tag that nobody uses. One that was committed gets a new id: what its old id stood for ends now.
  private Optional<Taken> takeKept(String tag) {
    for (RefRecord kept : graph.tagged(tag)) {
      if (!kept.removable() || !(kept.files instanceof LayerFiles.Active)) {
        continue;
      }
      if (kept.mutable) {
        graph.hold(kept);
        graph.change(kept, record -> record.fileBytes = RefRecord.UNMEASURED);
        return Optional.of(new Taken(kept, Optional.empty()));
      }
      RefRecord thawed = new RefRecord(RefId.random(), kept.shape, kept.description, kept.createdAt);
      thawed.mutable = true;
      thawed.files = kept.files;
      thawed.fileBytes = RefRecord.UNMEASURED;
      thawed.tag = kept.tag;
      thawed.lastUsedAt = kept.lastUsedAt;
      thawed.usageCount = kept.usageCount;
      thawed.contentKey = kept.contentKey;
      thawed.holds = 1;
      graph.add(thawed);
      List<Digest> orphans = graph.removeUnused(kept).orElseThrow();
      return Optional.of(new Taken(thawed, Optional.of(new Removed(kept, orphans))));
    }
    return Optional.empty();
  }

  @Override
  public void dropTagged(String tag) {
    for (RefRecord kept : graph.tagged(tag)) {
      remove(kept);
    }
  }

  @Override
  public List<Descriptor> blobs(ImmutableRef ref, LayerCompression compression, FetchContext context) {
    return export.blobs(graph.layers(recordOf(ref)), compression, context);
  }

  @Override
  public List<RefInfo> usage() {
    ledger.measure();
    return ledger.infos(sharedContent);
  }

  @Override
  public void prune(PrunePolicy policy, Consumer<RefInfo> removed) {
    new Pruning(this, graph, ledger, trees, clock).run(policy, sharedContent, removed);
    sweepUnreferencedContent(policy.all() ? Duration.ofMinutes(10) : Duration.ofHours(1));
    table.store(graph);
  }

  /// Deletes blobs that no ref holds, that nobody labelled as a root (`containerd.io/gc.root`), and that have been here for that long.
  public void sweepUnreferencedContent(Duration grace) {
    List<Digest> unreferenced = new ArrayList<>();
    content.walk(
        blob -> {
          boolean old = blob.committedAt().plus(grace).isBefore(clock.now());
          if (old && deletable(blob.digest()) && !graph.holdsBlob(blob.digest())) {
            unreferenced.add(blob.digest());
          }
        });
    unreferenced.forEach(content::delete);
  }

  private boolean deletable(Digest blob) {
    return !sharedContent.test(blob)
        && content.find(blob).stream().noneMatch(info -> info.labels().keySet().stream().anyMatch(label -> label.startsWith("containerd.io/gc.root")));
  }

  /// Says which blobs something other than cache needs (an image kept here): refs with such a blob count as shared, and the blob stays.
  public void shareContent(Predicate<Digest> needed) {
    sharedContent = needed;
  }

  @Override
  public void onRemoved(Consumer<RefId> listener) {
    removalListeners.add(listener);
  }

  @Override
  public void onContentGone(Consumer<String> listener) {
    contentListeners.add(listener);
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

  /// Writes what is not yet written (last uses). Everything else is written already.
  @Override
  public void close() {
    table.store(graph);
  }

  // ---- what refs do ----

  ImmutableRef share(RefRecord record) {
    graph.hold(record);
    openHolds.incrementAndGet();
    return new HeldRef(this, record);
  }

  void release(RefRecord record) {
    openHolds.decrementAndGet();
    graph.release(record, clock.now());
  }

  List<RefLayer> layers(RefRecord record) {
    return graph.inspect(
        () ->
            graph.layers(record).stream()
                .map(
                    layer ->
                        new RefLayer(
                            layer.id,
                            layer.diffId,
                            layer.blobs.stream().findFirst(),
                            layer.origin,
                            layer.description.text(),
                            layer.createdAt))
                .toList());
  }

  boolean lazy(RefRecord record) {
    return !arrival.missing(graph.layers(record)).isEmpty();
  }

  void unlazy(RefRecord record, FetchContext context) {
    arrival.bring(graph.layers(record), context);
  }

  String contentKey(RefRecord record) {
    return record.contentKey;
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
    return ledger.info(record, sharedContent);
  }

  ImmutableRef commit(RefRecord record) {
    if (record.tag.isEmpty()) {
      SnapshotName committed = new SnapshotName(record.id.value());
      trees.snapshotter().commit(activeSnapshot(record), committed, List.of());
      graph.change(
          record,
          frozen -> {
            frozen.mutable = false;
            frozen.files = new LayerFiles.Committed(committed);
          });
    } else {
      graph.change(record, frozen -> frozen.mutable = false);
    }
    table.store(graph);
    return new HeldRef(this, record);
  }

  void closeMutable(RefRecord record) {
    openHolds.decrementAndGet();
    graph.release(record, clock.now());
    if (record.tag.isPresent()) {
      graph.change(record, kept -> kept.fileBytes = RefRecord.UNMEASURED);
      table.store(graph);
    } else {
      remove(record);
    }
  }

  // ---- removal ----

  /// Removes a record with all that is only its; nothing happens when it is in use.
  ///
  /// @return whether it was removed
  boolean remove(RefRecord record) {
    Optional<List<Digest>> orphans = graph.removeUnused(record);
    if (orphans.isEmpty()) {
      return false;
    }
    table.store(graph);
    graph.inspect(record.files::snapshot).ifPresent(this::removeSnapshot);
    forgotten(new Removed(record, orphans.get()));
    boolean hasTwin = record.shape instanceof Shape.Own own && own.twin().isPresent();
    if (!hasTwin) {
      contentListeners.forEach(listener -> listener.accept(record.contentKey));
    }
    return true;
  }

  /// The record is gone already; files that cannot be removed now are swept at the next start.
  private void removeSnapshot(SnapshotName name) {
    try {
      trees.snapshotter().remove(name);
    } catch (BuildFailure failed) {
      log.warn("snapshot {} could not be removed: {}", name, failed.text());
    }
  }

  private void forgotten(Removed removed) {
    for (Digest orphan : removed.orphans()) {
      if (deletable(orphan) && !graph.holdsBlob(orphan)) {
        content.delete(orphan);
      }
    }
    removalListeners.forEach(listener -> listener.accept(removed.record().id));
  }

  private static RefRecord recordOf(ImmutableRef ref) {
    if (ref instanceof HeldRef held) {
      return held.record();
    }
    throw new InvalidRequest("ref " + ref.id() + " belongs to another store");
  }
}
