package dev.slipway.source.local;

import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.Stat;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads from disk what a tree holds, for trees of which nothing is remembered. Confined to one
/// thread.
final class DiskTree {
  private final Kernel kernel;
  private final SyncedTree tree = SyncedTree.empty(SyncedTree.Origin.READ);
  private final Map<Inode, String> linked = new HashMap<>();

  private record Inode(long device, long number) {}

  private DiskTree(Kernel kernel) {
    this.kernel = kernel;
  }

  static SyncedTree read(Path root, Kernel kernel) {
    DiskTree reading = new DiskTree(kernel);
    try {
      reading.directory(root, "");
    } catch (IOException failed) {
      throw WriteFailures.of(failed, root);
    }
    return reading.tree;
  }

  private void directory(Path directory, String prefix) throws IOException {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> listing = Files.newDirectoryStream(directory)) {
      listing.forEach(children::add);
    }
    children.sort(null);
    for (Path child : children) {
      FileAttributes attributes = kernel.attributes(child);
      String path = prefix + child.getFileName();
      tree.add(stat(child, path, attributes));
      if (attributes.isDirectory()) {
        directory(child, path + "/");
      }
    }
  }

  private Stat stat(Path file, String path, FileAttributes attributes) throws IOException {
    String link = attributes.isSymlink() ? Files.readSymbolicLink(file).toString() : "";
    long size = attributes.isDirectory() ? 0 : attributes.bytes();
    if (attributes.isFile() && attributes.links() > 1) {
      String first = linked.putIfAbsent(new Inode(attributes.device(), attributes.inode()), path);
      if (first != null) {
        link = first;
        size = 0;
      }
    }
    return new Stat(
        path,
        mode(attributes),
        attributes.uid(),
        attributes.gid(),
        size,
        attributes.modifiedNanos(),
        link,
        attributes.rdevMajor(),
        attributes.rdevMinor(),
        Map.of());
  }

  private static int mode(FileAttributes attributes) {
    int type =
        switch (attributes.type()) {
          case FILE -> 0;
          case DIRECTORY -> FileMode.DIRECTORY;
          case SYMLINK -> FileMode.SYMLINK;
          case CHARACTER_DEVICE -> FileMode.DEVICE | FileMode.CHARACTER_DEVICE;
          case BLOCK_DEVICE -> FileMode.DEVICE;
          case NAMED_PIPE -> FileMode.NAMED_PIPE;
          case SOCKET -> FileMode.SOCKET;
        };
    return type | FileMode.ofPosix(attributes.mode());
  }
}
