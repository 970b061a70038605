package dev.slipway.ref;

import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Writes what one tree changes on another into a layer directory, deletions as overlayfs marks
/// them.
///
/// Two entries are the same as containerd's differ sees it (`fs/diff.go`): kind, mode, owner,
/// device, capabilities and other attributes equal; for files also length, time, and, where the
/// time has no fraction of a second (so it may have been set), bytes.
///
/// Confined to one thread; reads trees nobody writes to.
final class TreeDiff {
  private static final long SECOND = 1_000_000_000L;

  private final Kernel kernel;
  private final Path layer;
  private final Map<FileIdentity, Path> copied = new HashMap<>();

  private record FileIdentity(long device, long inode) {}

  TreeDiff(Kernel kernel, Path layer) {
    this.kernel = kernel;
    this.layer = layer;
  }

  /// @param upper absent: everything below is deleted
  void write(Path lower, Optional<Path> upper) {
    try {
      if (upper.isPresent()) {
        compare(lower, upper.get(), layer);
        copyAttributes(upper.get(), layer);
      } else {
        for (Path gone : entries(lower).values()) {
          delete(layer.resolve(gone.getFileName()));
        }
      }
    } catch (IOException failed) {
      throw new WrongState("comparing file trees: " + failed.getMessage(), failed);
    }
  }

  /// @param into this directory's place in the layer; made only when something below it changed
  private void compare(Path lower, Path upper, Path into) throws IOException {
    Map<String, Path> below = entries(lower);
    Map<String, Path> above = entries(upper);
    Set<String> names = new TreeSet<>(below.keySet());
    names.addAll(above.keySet());
    for (String name : names) {
      Path before = below.get(name);
      Path after = above.get(name);
      Path target = into.resolve(name);
      if (after == null) {
        ensureDirectory(upper, into);
        delete(target);
      } else if (before == null) {
        ensureDirectory(upper, into);
        copy(after, target);
      } else {
        changed(before, after, target, upper, into);
      }
    }
  }

  private void changed(Path before, Path after, Path target, Path upper, Path into)
      throws IOException {
    FileAttributes old = kernel.attributes(before);
    FileAttributes now = kernel.attributes(after);
    if (old.isDirectory() && now.isDirectory()) {
      if (!sameAttributes(before, old, after, now)) {
        ensureDirectory(upper, into);
        ensureDirectory(after, target);
      }
      compare(before, after, target);
      if (Files.isDirectory(target)) {
        copyAttributes(after, target);
      }
    } else if (!same(before, old, after, now)) {
      ensureDirectory(upper, into);
      copy(after, target);
    }
  }

  private boolean same(Path before, FileAttributes old, Path after, FileAttributes now)
      throws IOException {
    if (!sameAttributes(before, old, after, now)) {
      return false;
    }
    if (now.isSymlink()) {
      return Files.readSymbolicLink(before).equals(Files.readSymbolicLink(after));
    }
    if (!now.isFile()) {
      return true;
    }
    return old.bytes() == now.bytes()
        && old.modifiedNanos() == now.modifiedNanos()
        && (now.modifiedNanos() % SECOND != 0 || sameBytes(before, after));
  }

  private boolean sameAttributes(Path before, FileAttributes old, Path after, FileAttributes now) {
    if (old.type() != now.type()
        || old.mode() != now.mode()
        || old.uid() != now.uid()
        || old.gid() != now.gid()
        || old.rdevMajor() != now.rdevMajor()
        || old.rdevMinor() != now.rdevMinor()) {
      return false;
    }
    Map<String, byte[]> had = kernel.extendedAttributes(before);
    Map<String, byte[]> has = kernel.extendedAttributes(after);
    return had.keySet().equals(has.keySet())
        && had.entrySet().stream()
            .allMatch(entry -> Arrays.equals(entry.getValue(), has.get(entry.getKey())));
  }

  private static boolean sameBytes(Path before, Path after) throws IOException {
    try (InputStream one = Files.newInputStream(before);
        InputStream other = Files.newInputStream(after)) {
      byte[] a = new byte[1 << 16];
      byte[] b = new byte[1 << 16];
      while (true) {
        int count = one.readNBytes(a, 0, a.length);
        if (other.readNBytes(b, 0, b.length) != count || !Arrays.equals(a, 0, count, b, 0, count)) {
          return false;
        }
        if (count < a.length) {
          return true;
        }
      }
    }
  }

  private void copy(Path from, Path to) throws IOException {
    FileAttributes attributes = kernel.attributes(from);
    switch (attributes.type()) {
      case DIRECTORY -> {
        Files.createDirectory(to);
        for (Map.Entry<String, Path> entry : entries(from).entrySet()) {
          copy(entry.getValue(), to.resolve(entry.getKey()));
        }
      }
      case FILE -> {
        FileIdentity identity = new FileIdentity(attributes.device(), attributes.inode());
        Path first = copied.get(identity);
        if (attributes.links() > 1 && first != null) {
          kernel.makeHardLink(to, first);
          return;
        }
        kernel.copyContents(from, to);
        copied.put(identity, to);
      }
      case SYMLINK -> Files.createSymbolicLink(to, Files.readSymbolicLink(from));
      case CHARACTER_DEVICE, BLOCK_DEVICE, NAMED_PIPE, SOCKET ->
          kernel.makeNode(
              to,
              attributes.type(),
              attributes.mode(),
              attributes.rdevMajor(),
              attributes.rdevMinor());
    }
    copyAttributes(from, to);
  }

  /// Owner before mode, since changing the owner clears setuid bits; time last.
  private void copyAttributes(Path from, Path to) {
    FileAttributes attributes = kernel.attributes(from);
    kernel.setOwner(to, attributes.uid(), attributes.gid());
    if (!attributes.isSymlink()) {
      kernel.setMode(to, attributes.mode());
    }
    kernel
        .extendedAttributes(from)
        .forEach((name, value) -> kernel.setExtendedAttribute(to, name, value));
    kernel.setModifiedTime(to, attributes.modifiedNanos());
  }

  private void ensureDirectory(Path like, Path target) throws IOException {
    if (target.equals(layer)
        || Files.isDirectory(target, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path above = like.getParent();
    if (above != null && target.getParent() != null) {
      ensureDirectory(above, target.getParent());
    }
    Files.createDirectory(target);
    copyAttributes(like, target);
  }

  private void delete(Path target) {
    kernel.makeNode(target, FileAttributes.Type.CHARACTER_DEVICE, 0, 0, 0);
  }

  private static Map<String, Path> entries(Path directory) throws IOException {
    Map<String, Path> entries = new TreeMap<>();
    try (var listed = Files.newDirectoryStream(directory)) {
      listed.forEach(entry -> entries.put(entry.getFileName().toString(), entry));
    }
    return entries;
  }
}
