package dev.slipway.fsutil.testing;

import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.Stat;
import dev.slipway.fsutil.TreePaths;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;

/// A file tree in memory. Not for use by several threads while it is filled.
public final class MemoryTree implements FileTree {
  private final Map<String, Stat> stats = new TreeMap<>(TreePaths.ORDER);
  private final Map<String, byte[]> contents = new TreeMap<>();

  public MemoryTree add(Stat stat) {
    stats.put(stat.path(), stat);
    return this;
  }

  public MemoryTree directory(String path) {
    return add(stat(path, FileMode.DIRECTORY | 0755, 0));
  }

  public MemoryTree file(String path, byte[] content) {
    contents.put(path, content);
    return add(stat(path, 0644, content.length));
  }

  /// Announced, but nobody can open it.
  public MemoryTree unreadable(String path) {
    return add(stat(path, 0600, 5));
  }

  public static Stat stat(String path, int mode, long size) {
    return new Stat(path, mode, 0, 0, size, 1_700_000_000_000_000_000L, "", 0, 0, Map.of());
  }

  @Override
  public void walk(Visitor visitor) {
    stats.values().forEach(visitor::visit);
  }

  @Override
  public InputStream open(String path) throws IOException {
    byte[] content = contents.get(path);
    if (content == null) {
      throw new IOException("permission denied");
    }
    return new ByteArrayInputStream(content);
  }
}
