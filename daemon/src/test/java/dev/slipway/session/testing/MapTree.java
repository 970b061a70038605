package dev.slipway.session.testing;

import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.Stat;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// A tree of files in memory, as a client would have it on disk. Thread-safe.
public final class MapTree implements FileTree {
  private static final long TIME = 1_700_000_000_123_456_789L;

  private final SequencedMap<String, Node> nodes =
      new ConcurrentSkipListMap<>((a, b) -> a.replace('/', '\0').compareTo(b.replace('/', '\0')));

  private record Node(Stat stat, byte[] content) {}

  public MapTree file(String path, String text) {
    return file(path, text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
  }

  public MapTree file(String path, byte[] content, int mode, long modifiedNanos) {
    parents(path);
    return put(
        new Stat(path, mode, 0, 0, content.length, modifiedNanos, "", 0, 0, Map.of()), content);
  }

  public MapTree directory(String path, int mode, long modifiedNanos) {
    parents(path);
    return put(
        new Stat(path, FileMode.DIRECTORY | mode, 0, 0, 0, modifiedNanos, "", 0, 0, Map.of()),
        new byte[0]);
  }

  public MapTree symlink(String path, String target) {
    parents(path);
    return put(
        new Stat(
            path, FileMode.SYMLINK | 0777, 0, 0, target.length(), TIME, target, 0, 0, Map.of()),
        new byte[0]);
  }

  /// Another name of a file; it must come later in order than the file.
  public MapTree hardLink(String path, String existing) {
    parents(path);
    return put(nodes.get(existing).stat().withPath(path).withLinkName(existing), new byte[0]);
  }

  /// Puts whatever a hostile client would.
  public MapTree put(Stat stat, byte[] content) {
    nodes.put(stat.path(), new Node(stat, content));
    return this;
  }

  /// Removes the path and all below it.
  public MapTree remove(String path) {
    nodes.keySet().removeIf(other -> other.equals(path) || other.startsWith(path + "/"));
    return this;
  }

  private void parents(String path) {
    for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      String parent = path.substring(0, slash);
      if (!nodes.containsKey(parent)) {
        put(
            new Stat(parent, FileMode.DIRECTORY | 0755, 0, 0, 0, TIME, "", 0, 0, Map.of()),
            new byte[0]);
      }
    }
  }

  @Override
  public void walk(Visitor visitor) {
    nodes.values().forEach(node -> visitor.visit(node.stat()));
  }

  @Override
  public InputStream open(String path) {
    return new ByteArrayInputStream(nodes.get(path).content());
  }
}
