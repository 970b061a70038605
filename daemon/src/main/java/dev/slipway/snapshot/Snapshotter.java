package dev.slipway.snapshot;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Keeps states of file trees.
///
/// **Life.** [#prepare] makes an active snapshot over committed parents; whoever prepared it mounts
/// [#mounts], writes, unmounts, and then [#commit]s it or [#remove]s it. A committed one never
/// changes and may be a parent of any number of others; it can be removed only when no other
/// snapshot is stacked on it (`WrongState`).
///
/// **Importing layers.** [#prepare] with no parents gives an empty directory; an applier writes one
/// layer into it, deletions written as the layer style says ([#whiteoutStyle]); [#commit] names the
/// parents it belongs on. So layers are unpacked in any order.
///
/// **Crash.** Each call is atomic: after a crash a snapshot is there as it was before or after the
/// call. Active snapshots that nobody owns after a restart are removed by [#retainOnly].
///
/// Blocking; thread-safe. Commit and prepare take no time that grows with the size of the tree.
public interface Snapshotter extends AutoCloseable {
  /// BuildKit's name of the kind: `overlayfs`, `native`.
  String kind();

  /// Makes an active snapshot whose tree is that of the parents, base first; none means an empty
  /// tree.
  ///
  /// @throws dev.slipway.failure.AlreadyExists the name is taken
  /// @throws dev.slipway.failure.NotFound a parent is absent or not committed
  void prepare(SnapshotName name, List<SnapshotName> parents);

  /// How to mount the tree: writable for an active one, read-only for a committed one. Data only;
  /// mounting is the caller's.
  List<Mount> mounts(SnapshotName name);

  /// Read-only mounts of a stack that need not exist as a snapshot of its own (several trees
  /// merged, base first).
  List<Mount> mountsOf(List<SnapshotName> stack);

  /// Freezes an active snapshot under another name, on those parents (usually the ones it was
  /// prepared on). The active name is gone after. On failure the active one is as before.
  void commit(SnapshotName active, SnapshotName committed, List<SnapshotName> parents);

  /// Removes it with its files. Absent is fine.
  ///
  /// @throws dev.slipway.failure.WrongState another snapshot is stacked on it
  void remove(SnapshotName name);

  Optional<Info> find(SnapshotName name);

  List<Info> list();

  /// The directory holding only what this snapshot changes on its parents, with deletions in
  /// [#whiteoutStyle]; what a differ reads. Not to be written when committed.
  Path layerDirectory(SnapshotName name);

  WhiteoutStyle whiteoutStyle();

  /// Disk usage of its own layer in bytes (allocated blocks) and entries.
  Usage usage(SnapshotName name);

  /// Removes every snapshot that is not named here (stacking order handled), and every stray
  /// directory: start-up after a crash.
  void retainOnly(List<SnapshotName> names);

  @Override
  void close();

  /// @param parents base first
  record Info(SnapshotName name, SnapshotKind kind, List<SnapshotName> parents) {
    public Info {
      parents = List.copyOf(parents);
    }
  }

  record Usage(long bytes, long entries) {}

  /// How a layer directory says "deleted".
  enum WhiteoutStyle {
    /// Overlayfs: character device 0:0, and directories with xattr `trusted.overlay.opaque=y`.
    OVERLAY
  }
}
