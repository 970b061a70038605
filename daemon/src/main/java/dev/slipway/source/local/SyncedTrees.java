package dev.slipway.source.local;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What earlier synchronisations left in which tree (by the ref's content key), as far as memory is
/// spent on it: the least recently used trees are forgotten, and are then read from disk when they
/// are needed. Lives as long as the daemon, so nothing here can outlive a crash and be wrong.
/// Guarded by itself.
final class SyncedTrees {
  private final long maxEntries;
  private final Map<String, SyncedTree> trees = new LinkedHashMap<>(16, 0.75f, true);
  private long held;

  SyncedTrees(long maxEntries) {
    this.maxEntries = maxEntries;
  }

  /// Takes out what is known; whoever took it puts back what became of it.
  synchronized Optional<SyncedTree> take(String key) {
    Optional<SyncedTree> tree = Optional.ofNullable(trees.remove(key));
    tree.ifPresent(known -> held -= known.size());
    return tree;
  }

  synchronized void put(String key, SyncedTree tree) {
    take(key);
    trees.put(key, tree);
    held += tree.size();
    var oldest = trees.entrySet().iterator();
    while (held > maxEntries && oldest.hasNext()) {
      held -= oldest.next().getValue().size();
      oldest.remove();
    }
  }
}
