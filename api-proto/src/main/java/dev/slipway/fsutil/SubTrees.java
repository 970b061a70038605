package dev.slipway.fsutil;

import dev.slipway.failure.InvalidRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// Several trees, each in a directory of its own: results for several platforms. Immutable.
public final class SubTrees implements FileTree {
  private final Map<String, SubTree> trees;

  /// @param directory its path is the one name
  public record SubTree(Stat directory, FileTree tree) {}

  /// @throws InvalidRequest a directory is not a single name, or is there twice
  public SubTrees(Iterable<SubTree> trees) {
    Map<String, SubTree> byName = new TreeMap<>(TreePaths.ORDER);
    for (SubTree tree : trees) {
      String name = tree.directory().path();
      if (name.contains("/") || !TreePaths.isClean(name)) {
        throw new InvalidRequest("invalid directory name \"" + name + '"');
      }
      if (byName.put(name, tree) != null) {
        throw new InvalidRequest("duplicate directory \"" + name + '"');
      }
    }
    this.trees = Collections.unmodifiableMap(byName);
  }

  @Override
  public void walk(Visitor visitor) {
    trees.forEach(
        (name, sub) -> {
          visitor.visit(sub.directory());
          sub.tree()
              .walk(
                  stat -> {
                    Stat moved = stat.withPath(name + "/" + stat.path());
                    visitor.visit(
                        stat.isHardLink()
                            ? moved.withLinkName(name + "/" + stat.linkName())
                            : moved);
                  });
        });
  }

  @Override
  public InputStream open(String path) throws IOException {
    int slash = path.indexOf('/');
    SubTree sub = slash < 0 ? null : trees.get(path.substring(0, slash));
    if (sub == null) {
      throw new IOException("no such file: " + path);
    }
    return sub.tree().open(path.substring(slash + 1));
  }
}
