package dev.slipway.ref;

import dev.slipway.content.ContentStore;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.snapshot.SnapshotKind;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes records and disk agree at start, whatever came before: a clean stop, `kill -9`, a power
/// failure, a salvaged database, a restored backup. Runs once, before anybody else.
final class Reconciliation {
  private static final Logger log = LoggerFactory.getLogger(Reconciliation.class);

  private final RefGraph graph;
  private final RefTable table;
  private final Snapshotter snapshotter;
  private final ContentStore content;

  Reconciliation(RefGraph graph, RefTable table, Snapshotter snapshotter, ContentStore content) {
    this.graph = graph;
    this.table = table;
    this.snapshotter = snapshotter;
    this.content = content;
  }

  void run() {
    Map<SnapshotName, SnapshotKind> onDisk = new HashMap<>();
    snapshotter.list().forEach(info -> onDisk.put(info.name(), info.kind()));
    Map<RefId, RefRecord> usable = new LinkedHashMap<>();
    List<RefId> dropped = new ArrayList<>();
    for (RefTable.Loaded loaded : table.all()) {
      if (usable(loaded, onDisk)) {
        usable.put(loaded.record().id, loaded.record());
      } else {
        dropped.add(loaded.record().id);
      }
    }
    int before;
    do {
      before = usable.size();
      usable.values().removeIf(record -> lacksParent(record, usable) && dropped.add(record.id));
    } while (usable.size() != before);
    Set<RefId> added = new HashSet<>();
    usable.values().forEach(record -> add(record, usable, added));
    dropped.forEach(graph::forget);
    table.store(graph);
    List<SnapshotName> kept = new ArrayList<>();
    usable.values().forEach(record -> record.files.snapshot().ifPresent(kept::add));
    snapshotter.retainOnly(kept);
    if (!dropped.isEmpty() || kept.size() != onDisk.size()) {
      log.info(
          "refs: {} records kept, {} dropped; {} of {} snapshots kept",
          usable.size(),
          dropped.size(),
          kept.size(),
          onDisk.size());
    }
  }

  /// Parents first.
  private void add(RefRecord record, Map<RefId, RefRecord> usable, Set<RefId> added) {
    if (added.add(record.id)) {
      for (RefId below : needs(record)) {
        Optional.ofNullable(usable.get(below)).ifPresent(parent -> add(parent, usable, added));
      }
      graph.add(record);
    }
  }

  private static boolean lacksParent(RefRecord record, Map<RefId, RefRecord> usable) {
    return !usable.keySet().containsAll(needs(record)) || circular(record, usable);
  }

  private static List<RefId> needs(RefRecord record) {
    List<RefId> needs = new ArrayList<>(RefGraph.below(record));
    if (record.shape instanceof Shape.Stack stack) {
      needs.addAll(stack.layers());
    }
    return needs;
  }

  /// Only damage makes a circle, but it must not hang the start.
  private static boolean circular(RefRecord record, Map<RefId, RefRecord> usable) {
    Set<RefId> seen = new HashSet<>();
    List<RefId> open = new ArrayList<>(needs(record));
    while (!open.isEmpty()) {
      RefId id = open.removeLast();
      if (id.equals(record.id)) {
        return true;
      }
      if (seen.add(id)) {
        Optional.ofNullable(usable.get(id)).ifPresent(below -> open.addAll(needs(below)));
      }
    }
    return false;
  }

  /// Brings the record in line with what is on disk; false when nothing of use is left of it.
  private boolean usable(RefTable.Loaded loaded, Map<SnapshotName, SnapshotKind> onDisk) {
    RefRecord record = loaded.record();
    if (loaded.beingWritten() && record.description.type() == RecordType.SOURCE_LOCAL) {
      return false; // half a transfer; a cache mount in the same state is its users' business
    }
    if (record.mutable && record.tag.isEmpty()) {
      return false;
    }
    SnapshotKind wanted =
        record.files instanceof LayerFiles.Active ? SnapshotKind.ACTIVE : SnapshotKind.COMMITTED;
    boolean filesThere =
        record.files.snapshot().map(onDisk::get).filter(wanted::equals).isPresent();
    if (record.files.snapshot().isPresent() && !filesThere) {
      if (record.files instanceof LayerFiles.Active || record.blobs.isEmpty()) {
        return false;
      }
      record.files = new LayerFiles.Absent();
      record.fileBytes = 0;
    }
    if (record.origin.isEmpty()) {
      record.blobs.removeIf(blob -> content.find(blob.digest()).isEmpty());
    }
    boolean hasTwin = record.shape instanceof Shape.Own own && own.twin().isPresent();
    return record.shape instanceof Shape.Stack
        || record.hasFiles()
        || !record.blobs.isEmpty()
        || hasTwin;
  }
}
