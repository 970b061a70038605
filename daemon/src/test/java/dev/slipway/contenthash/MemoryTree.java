package dev.slipway.contenthash;

import dev.slipway.contenthash.testing.GoldenTrees.GoldenEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A tree that is only described. Counts what is read of it.
final class MemoryTree implements TreeView {
  final AtomicInteger hashed = new AtomicInteger();
  final AtomicInteger listed = new AtomicInteger();

  private final Map<String, GoldenEntry> entries = new TreeMap<>();

  MemoryTree(List<GoldenEntry> list) {
    entries.put("", new GoldenEntry("", "dir", 0755, 0, 0, new byte[0], "", Map.of(), 0));
    list.forEach(entry -> entries.put(entry.path(), entry));
  }

  @Override
  public List<Entry> list(Node directory) {
    listed.incrementAndGet();
    String prefix = directory.parent.isEmpty() ? "" : path(directory) + "/";
    List<Entry> children = new ArrayList<>();
    for (GoldenEntry entry : entries.values()) {
      String path = entry.path();
      if (!path.isEmpty() && path.startsWith(prefix) && path.indexOf('/', prefix.length()) < 0) {
        Node.Kind kind =
            switch (entry.type()) {
              case "dir" -> Node.Kind.DIRECTORY;
              case "symlink" -> Node.Kind.LINK;
              default -> Node.Kind.FILE;
            };
        byte[] link = kind == Node.Kind.LINK ? bytes(entry.target()) : Node.UNKNOWN;
        children.add(new Entry(bytes(path.substring(prefix.length())), kind, link));
      }
    }
    return children;
  }

  @Override
  public MessageDigest hash(Node node) {
    hashed.incrementAndGet();
    GoldenEntry entry = require(path(node));
    if (entry.type().equals("hardlink")) {
      entry = require(entry.target());
    }
    char type =
        switch (entry.type()) {
          case "file" -> '0';
          case "symlink" -> '2';
          case "dir" -> '5';
          case "fifo" -> '6';
          default -> throw new IllegalArgumentException(entry.type());
        };
    int mode = type == '2' ? 0777 : entry.mode();
    MessageDigest hash =
        EntryHash.start(
            new EntryHash.Header(
                type,
                mode,
                entry.uid(),
                entry.gid(),
                type == '0' ? entry.data().length : 0,
                node.link,
                0,
                0,
                entry.xattrs()));
    hash.update(entry.data());
    return hash;
  }

  private GoldenEntry require(String path) {
    GoldenEntry entry = entries.get(path);
    if (entry == null) {
      throw new IllegalArgumentException("no entry " + path);
    }
    return entry;
  }

  private static String path(Node node) {
    if (node.parent.isEmpty()) {
      return "";
    }
    String above = path(node.parent.get());
    return above.isEmpty() ? node.text() : above + "/" + node.text();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
