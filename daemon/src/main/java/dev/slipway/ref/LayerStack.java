package dev.slipway.ref;

import dev.slipway.failure.WrongState;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// Turns a record's layers into snapshots to stack and mount. Thread-safe.
///
/// A layer that occurs several times (merged trees with a common base) counts only where it is
/// topmost: it covers there whatever it would have shown below, and overlayfs refuses a directory
/// twice.
final class LayerStack {
  /// An empty layer, which belongs to no record.
  static final SnapshotName NOTHING = new SnapshotName("nothing");

  private final RefGraph graph;
  private final Snapshotter snapshotter;

  LayerStack(RefGraph graph, Snapshotter snapshotter) {
    this.graph = graph;
    this.snapshotter = snapshotter;
  }

  private record Files(SnapshotName name, boolean committed) {}

  /// @throws WrongState a layer has no files yet
  private List<Files> files(RefRecord record) {
    return graph.inspect(
        () -> {
          LinkedHashSet<Files> topFirst = new LinkedHashSet<>();
          for (RefRecord layer : graph.layers(record).reversed()) {
            topFirst.add(
                switch (graph.fileOwner(layer).files) {
                  case LayerFiles.Absent() ->
                      throw new WrongState(
                          "ref "
                              + record.id
                              + " is lazy: layer "
                              + layer.id
                              + " has no files here yet");
                  case LayerFiles.Active(SnapshotName name) -> new Files(name, false);
                  case LayerFiles.Committed(SnapshotName name) -> new Files(name, true);
                });
          }
          return List.copyOf(topFirst).reversed();
        });
  }

  /// The snapshots, base first; all are committed.
  List<SnapshotName> names(RefRecord record) {
    List<SnapshotName> names = new ArrayList<>();
    for (Files files : files(record)) {
      if (!files.committed()) {
        throw new WrongState("snapshot " + files.name() + " is not committed");
      }
      names.add(files.name());
    }
    return names;
  }

  /// A layer without those it was made on, or one that somebody else made: alone, its marks of
  /// deletions would show.
  private static boolean mayDelete(RefRecord record) {
    return record.shape instanceof Shape.Stack || record.origin.isPresent();
  }

  /// An empty layer, made when first wanted.
  private synchronized SnapshotName nothing() {
    if (snapshotter.find(NOTHING).isEmpty()) {
      SnapshotName active = new SnapshotName("rw-nothing");
      snapshotter.prepare(active, List.of());
      snapshotter.commit(active, NOTHING, List.of());
    }
    return NOTHING;
  }

  /// Read-only mounts of the whole tree.
  List<Mount> mounts(RefRecord record) {
    List<Files> stack = files(record);
    if (stack.stream().allMatch(Files::committed)) {
      if (stack.size() == 1 && mayDelete(record)) {
        return snapshotter.mountsOf(List.of(nothing(), stack.getFirst().name()));
      }
      return snapshotter.mountsOf(stack.stream().map(Files::name).toList());
    }
    // A kept tree that was committed but may be taken up again: no snapshotter calls that
    // committed, so its directories are named directly.
    List<Path> topFirst =
        stack.reversed().stream().map(files -> snapshotter.layerDirectory(files.name())).toList();
    return topFirst.size() == 1
        ? List.of(new Mount.Bind(topFirst.getFirst(), true))
        : List.of(new Mount.Overlay(topFirst, Optional.empty()));
  }
}
