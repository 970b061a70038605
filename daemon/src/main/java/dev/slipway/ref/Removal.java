package dev.slipway.ref;

import dev.slipway.content.ContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.oci.Digest;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes records away, with all that is only theirs, and tells who wants to know. The record goes
/// first: files that cannot be removed now are swept at the next start. Thread-safe.
final class Removal {
  private static final Logger log = LoggerFactory.getLogger(Removal.class);
  private static final String ROOT_LABEL = "containerd.io/gc.root";

  private final RefGraph graph;
  private final RefTable table;
  private final Snapshotter snapshotter;
  private final ContentStore content;
  private final List<Consumer<String>> contentListeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<RefId>> refListeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<String>> openedListeners = new CopyOnWriteArrayList<>();
  private volatile Predicate<Digest> shared = _ -> false;

  Removal(RefGraph graph, RefTable table, Snapshotter snapshotter, ContentStore content) {
    this.graph = graph;
    this.table = table;
    this.snapshotter = snapshotter;
    this.content = content;
  }

  void onRemoved(Consumer<RefId> listener) {
    refListeners.add(listener);
  }

  void onContentGone(Consumer<String> listener) {
    contentListeners.add(listener);
  }

  void onContentOpened(Consumer<String> listener) {
    openedListeners.add(listener);
  }

  void share(Predicate<Digest> needed) {
    shared = needed;
  }

  /// Which blobs something other than refs needs.
  Predicate<Digest> shared() {
    return shared;
  }

  /// Removes a record; nothing happens when it is in use.
  ///
  /// @return whether it was removed
  boolean remove(RefRecord record) {
    Optional<List<Digest>> orphans = graph.removeUnused(record);
    if (orphans.isEmpty()) {
      return false;
    }
    table.storeRemoval(graph);
    graph.inspect(record.files::snapshot).ifPresent(this::removeSnapshot);
    ended(record, orphans.get());
    boolean hasTwin = record.shape instanceof Shape.Own own && own.twin().isPresent();
    if (!hasTwin) {
      contentListeners.forEach(listener -> listener.accept(record.contentKey));
    }
    return true;
  }

  private void removeSnapshot(SnapshotName name) {
    try {
      snapshotter.remove(name);
    } catch (BuildFailure failed) {
      log.warn("snapshot {} could not be removed: {}", name, failed.text());
    }
  }

  /// A kept tree's committed record is out of the graph, and its files are going to be written
  /// under another one.
  void reopened(KeptTrees.Replaced replaced) {
    openedListeners.forEach(listener -> listener.accept(replaced.record().contentKey));
    ended(replaced.record(), replaced.orphans());
  }

  /// @param orphans its blobs that no record holds any more
  private void ended(RefRecord record, List<Digest> orphans) {
    for (Digest orphan : orphans) {
      if (deletable(orphan)) {
        content.delete(orphan);
      }
    }
    refListeners.forEach(listener -> tell(listener, record.id));
  }

  /// Who cannot take note now finds out later that the record is gone.
  private static void tell(Consumer<RefId> listener, RefId gone) {
    try {
      listener.accept(gone);
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure failed) {
      log.warn("{} is gone, which could not be noted: {}", gone, failed.text());
    }
  }

  /// Deletes blobs that were committed before that time and that nothing needs.
  void sweepContent(Instant before) {
    List<Digest> unreferenced = new ArrayList<>();
    content.walk(
        blob -> {
          if (blob.committedAt().isBefore(before) && deletable(blob.digest())) {
            unreferenced.add(blob.digest());
          }
        });
    release(unreferenced);
  }

  /// Deletes those of the blobs that nothing needs.
  void release(Collection<Digest> blobs) {
    blobs.stream().filter(this::deletable).forEach(content::delete);
  }

  private boolean deletable(Digest blob) {
    return !graph.holdsBlob(blob)
        && !shared.test(blob)
        && content.find(blob).stream()
            .noneMatch(
                info ->
                    info.labels().keySet().stream()
                        .anyMatch(label -> label.startsWith(ROOT_LABEL)));
  }
}
