package dev.slipway.exporter.local;

import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.Stat;
import dev.slipway.fsutil.TreePaths;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Several trees in one; where two have the same path, the first one's entry counts. Immutable; the
/// trees are read anew by each walk.
final class MergedTree implements FileTree {
  private final List<FileTree> trees;

  MergedTree(List<FileTree> trees) {
    this.trees = List.copyOf(trees);
  }

  private record Owned(Stat stat, FileTree tree) {}

  private Map<String, Owned> entries() {
    Map<String, Owned> entries = new TreeMap<>(TreePaths.ORDER);
    for (FileTree tree : trees) {
      tree.walk(stat -> entries.putIfAbsent(stat.path(), new Owned(stat, tree)));
    }
    return entries;
  }

  @Override
  public void walk(Visitor visitor) {
    entries().values().forEach(owned -> visitor.visit(owned.stat()));
  }

  @Override
  public InputStream open(String path) throws IOException {
    IOException missing = new IOException("no such file: " + path);
    for (FileTree tree : trees) {
      try {
        return tree.open(path);
      } catch (IOException elsewhere) {
        missing.addSuppressed(elsewhere);
      }
    }
    throw missing;
  }
}
