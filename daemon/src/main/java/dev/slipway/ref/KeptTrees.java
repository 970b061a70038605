package dev.slipway.ref;

import dev.slipway.oci.Digest;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import java.util.List;
import java.util.Optional;

/// Trees kept under a tag between their users: cache mounts, synced local directories.
///
/// A synced directory is committed after each sync, yet its snapshot stays active: as long as
/// nothing stands on it, the next sync may take it up again, under a new id, since what the old id
/// stood for ends then. When something is to stand on it, it is hardened: committed for good and no
/// longer kept. Thread-safe.
final class KeptTrees {
  private final RefGraph graph;
  private final RefTable table;
  private final Snapshotter snapshotter;
  private final SharedFlight<RefId> hardening = new SharedFlight<>();

  KeptTrees(RefGraph graph, RefTable table, Snapshotter snapshotter) {
    this.graph = graph;
    this.table = table;
    this.snapshotter = snapshotter;
  }

  /// @param record is held now
  /// @param replaced the committed record that it was until now, out of the graph
  record Taken(RefRecord record, Optional<Replaced> replaced) {}

  /// @param orphans blobs that no record holds any more
  record Replaced(RefRecord record, List<Digest> orphans) {}

  /// Takes the first tree under the tag that nobody uses.
  Optional<Taken> take(String tag) {
    return graph.inspect(
        () -> {
          for (RefRecord kept : graph.tagged(tag)) {
            if (kept.removable() && kept.files instanceof LayerFiles.Active) {
              return Optional.of(kept.mutable ? reopened(kept) : thawed(kept));
            }
          }
          return Optional.empty();
        });
  }

  private Taken reopened(RefRecord kept) {
    graph.hold(kept);
    graph.change(kept, record -> record.fileBytes = RefRecord.UNMEASURED);
    return new Taken(kept, Optional.empty());
  }

  private Taken thawed(RefRecord kept) {
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
    return new Taken(thawed, Optional.of(new Replaced(kept, orphans)));
  }

  /// Makes sure that all layers of the tree are committed for good, as far as they have files.
  void harden(RefRecord tree) {
    for (RefRecord layer : graph.layers(tree)) {
      if (soft(layer).isPresent()) {
        hardening.join(layer.id, () -> soft(layer).ifPresent(active -> commit(layer, active)));
      }
    }
  }

  private Optional<SnapshotName> soft(RefRecord layer) {
    return graph.inspect(
        () ->
            layer.files instanceof LayerFiles.Active(SnapshotName name) && !layer.mutable
                ? Optional.of(name)
                : Optional.empty());
  }

  private void commit(RefRecord layer, SnapshotName active) {
    SnapshotName committed = new SnapshotName(layer.id.value());
    snapshotter.commit(active, committed, List.of());
    graph.change(
        layer,
        record -> {
          graph.untag(record);
          record.files = new LayerFiles.Committed(committed);
        });
    table.store(graph);
  }
}
