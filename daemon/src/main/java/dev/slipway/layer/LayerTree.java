package dev.slipway.layer;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Denied;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unsupported;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.Kernel.LastLink;
import dev.slipway.kernel.TreeRemoval;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The directory a layer is unpacked into, while entries are added. Names are confined to it as
/// containerd confines them: `..` and a leading `/` mean nothing at its root, and links that the
/// archive itself made are followed inside it only. Confined to one thread.
final class LayerTree {
  static final String WHITEOUT = ".wh.";
  static final String OPAQUE_MARK = ".wh..wh..opq";
  static final String OPAQUE = "trusted.overlay.opaque";

  private static final byte[] YES = {'y'};

  private final Kernel kernel;
  private final Path root;
  private final byte[] buffer = new byte[ChunkPipe.CHUNK];

  /// Directories known to be real ones below root, so that their children need no resolving.
  private final Set<Path> directories = new HashSet<>();

  private final Map<Path, Instant> directoryTimes = new HashMap<>();

  /// Directories made for what lies in them; an entry may still describe them.
  private final Set<Path> implied = new LinkedHashSet<>();

  LayerTree(Kernel kernel, Path root) {
    this.kernel = kernel;
    this.root = root;
    directories.add(root);
  }

  /// Writes one entry, with content from the archive.
  void add(TarEntry entry, TarReader content) throws IOException {
    try {
      Path relative = confined(entry.name());
      if (relative.getNameCount() == 0 || relative.toString().isEmpty()) {
        return;
      }
      Path parent = parentOf(relative);
      String base = relative.getFileName().toString();
      if (base.startsWith(WHITEOUT)) {
        addWhiteout(parent, base);
        return;
      }
      Path path = parent.resolve(base);
      boolean wasDeleted = clear(path, entry.type());
      create(entry, path, content);
      if (wasDeleted && entry.type() == TarEntry.Type.DIRECTORY) {
        kernel.setExtendedAttribute(path, OPAQUE, YES);
      }
      setAttributes(entry, path);
    } catch (InvalidPathException bad) {
      throw new CorruptData("name that cannot be a file's: " + bad.getReason(), bad);
    }
  }

  /// Sets the times of directories, last because adding to a directory changes its time.
  void finish() {
    directoryTimes.forEach((path, time) -> kernel.setModifiedTime(path, nanos(time)));
  }

  /// Directories that no entry described and that replace nothing, relative to the root, outer ones
  /// first.
  List<Path> implied() {
    return implied.stream().map(root::relativize).toList();
  }

  /// Where parent directories of the entry are, links followed inside the root, made when missing.
  private Path parentOf(Path relative) {
    if (relative.getNameCount() == 1) {
      return root;
    }
    Path parent = relative.subpath(0, relative.getNameCount() - 1);
    Path direct = root.resolve(parent);
    if (directories.contains(direct)) {
      return direct;
    }
    Path resolved = kernel.resolveInRoot(root, parent.toString(), LastLink.FOLLOW);
    makeDirectories(resolved);
    return resolved;
  }

  private void makeDirectories(Path path) {
    if (directories.contains(path)) {
      return;
    }
    if (!path.startsWith(root)) {
      throw new CorruptData("entry leads outside of the layer");
    }
    Path parent = path.getParent();
    if (parent == null) {
      throw new CorruptData("entry leads outside of the layer");
    }
    makeDirectories(parent);
    boolean wasDeleted = false;
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      FileAttributes attributes = kernel.attributes(path);
      wasDeleted = attributes.isOverlayWhiteout();
      if (!attributes.isDirectory() && !wasDeleted) {
        throw new CorruptData("parent is not a directory");
      }
    }
    try {
      if (wasDeleted) {
        Files.delete(path);
      }
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(path);
        kernel.setMode(path, 0755);
        if (!wasDeleted) {
          implied.add(path);
        }
      }
    } catch (IOException failed) {
      throw new CorruptData("making a parent directory: " + failed.getMessage(), failed);
    }
    if (wasDeleted) {
      kernel.setExtendedAttribute(path, OPAQUE, YES);
    }
    directories.add(path);
  }

  private void addWhiteout(Path parent, String base) throws IOException {
    if (base.equals(OPAQUE_MARK)) {
      if (!parent.equals(root)) {
        kernel.setExtendedAttribute(parent, OPAQUE, YES);
      }
      return;
    }
    if (base.startsWith(WHITEOUT + WHITEOUT)) {
      return;
    }
    String deleted = base.substring(WHITEOUT.length());
    if (deleted.isEmpty() || deleted.equals(".") || deleted.equals("..")) {
      throw new CorruptData("invalid whiteout name: " + base);
    }
    Path path = parent.resolve(deleted);
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      kernel.makeNode(path, FileAttributes.Type.CHARACTER_DEVICE, 0, 0, 0);
    } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      // The layer has a directory of its own in the place of what it deletes.
      kernel.setExtendedAttribute(path, OPAQUE, YES);
    }
  }

  /// Makes room for an entry; a directory stays for a directory.
  ///
  /// @return true when a deletion mark stood there
  private boolean clear(Path path, TarEntry.Type type) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    FileAttributes existing = kernel.attributes(path);
    if (existing.isDirectory() && type == TarEntry.Type.DIRECTORY) {
      return false;
    }
    if (existing.isDirectory()) {
      removeTree(path);
    } else {
      Files.delete(path);
    }
    return existing.isOverlayWhiteout();
  }

  private void removeTree(Path path) throws IOException {
    directories.removeIf(each -> each.startsWith(path));
    directoryTimes.keySet().removeIf(each -> each.startsWith(path));
    implied.removeIf(each -> each.startsWith(path));
    TreeRemoval.remove(path);
  }

  private void create(TarEntry entry, Path path, TarReader content) throws IOException {
    switch (entry.type()) {
      case DIRECTORY -> {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectory(path);
        }
        directories.add(path);
        implied.remove(path);
      }
      case FILE -> writeFile(entry, path, content);
      case SYMLINK -> Files.createSymbolicLink(path, Path.of(entry.linkName()));
      case HARD_LINK -> link(entry, path);
      case CHARACTER_DEVICE ->
          kernel.makeNode(
              path,
              FileAttributes.Type.CHARACTER_DEVICE,
              entry.mode(),
              entry.device().major(),
              entry.device().minor());
      case BLOCK_DEVICE ->
          kernel.makeNode(
              path,
              FileAttributes.Type.BLOCK_DEVICE,
              entry.mode(),
              entry.device().major(),
              entry.device().minor());
      case NAMED_PIPE -> kernel.makeNode(path, FileAttributes.Type.NAMED_PIPE, entry.mode(), 0, 0);
    }
  }

  private void link(TarEntry entry, Path path) {
    Path relative = confined(entry.linkName());
    if (relative.toString().isEmpty()) {
      throw new CorruptData("hard link to the layer's root");
    }
    Path target = kernel.resolveInRoot(root, relative.toString(), LastLink.KEEP);
    if (!target.startsWith(root)) {
      throw new CorruptData("hard link leads outside of the layer");
    }
    try {
      kernel.makeHardLink(path, target);
    } catch (NotFound missing) {
      throw new CorruptData(
          "hard link to \"" + entry.linkName() + "\", which is not in the layer", missing);
    }
  }

  private void writeFile(TarEntry entry, Path path, TarReader content) throws IOException {
    try (SeekableByteChannel file =
        Files.newByteChannel(
            path,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE_NEW,
            LinkOption.NOFOLLOW_LINKS)) {
      if (!entry.isSparse()) {
        copy(content, file, entry.bytes());
        return;
      }
      for (TarEntry.Extent extent : entry.holes()) {
        file.position(extent.offset());
        copy(content, file, extent.length());
      }
      if (file.size() < entry.bytes()) {
        file.position(entry.bytes() - 1);
        file.write(ByteBuffer.allocate(1));
      }
    }
  }

  private void copy(TarReader content, SeekableByteChannel file, long bytes) throws IOException {
    long left = bytes;
    while (left > 0) {
      int count = content.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count < 0) {
        throw new CorruptData("content is shorter than its header says");
      }
      ByteBuffer chunk = ByteBuffer.wrap(buffer, 0, count);
      while (chunk.hasRemaining()) {
        file.write(chunk);
      }
      left -= count;
    }
  }

  private void setAttributes(TarEntry entry, Path path) {
    kernel.setOwner(path, entry.uid(), entry.gid());
    entry.records().forEach((key, value) -> setExtended(entry, path, key, value));
    if (entry.type() != TarEntry.Type.SYMLINK && !isLinkToSymlink(entry, path)) {
      kernel.setMode(path, entry.mode());
    }
    if (entry.type() == TarEntry.Type.DIRECTORY) {
      directoryTimes.put(path, entry.modified());
    } else {
      kernel.setModifiedTime(path, nanos(entry.modified()));
    }
  }

  private static boolean isLinkToSymlink(TarEntry entry, Path path) {
    return entry.type() == TarEntry.Type.HARD_LINK && Files.isSymbolicLink(path);
  }

  /// What only the daemon may say (`trusted.`, overlayfs's own marks) is not taken from an archive.
  private void setExtended(TarEntry entry, Path path, String key, byte[] value) {
    if (!key.startsWith(TarEntry.XATTR)) {
      return;
    }
    String name = key.substring(TarEntry.XATTR.length());
    if (name.startsWith("trusted.") || name.startsWith("user.overlay.")) {
      return;
    }
    try {
      kernel.setExtendedAttribute(path, name, value);
    } catch (Unsupported notThere) {
      // The file system has no such attributes; containerd goes on too.
    } catch (Denied denied) {
      boolean plain = entry.type() == TarEntry.Type.FILE || entry.type() == TarEntry.Type.DIRECTORY;
      if (plain || !name.startsWith("user.")) {
        throw denied;
      }
    } catch (BuildFailure failure) {
      throw failure.in("extended attribute " + name);
    }
  }

  /// The name without `.`, `..` and leading `/`, relative to the root.
  private static Path confined(String name) {
    Path path = Path.of("/" + name).normalize();
    Path top = path.getRoot();
    return top == null ? path : top.relativize(path);
  }

  private static long nanos(Instant time) {
    long seconds = Math.clamp(time.getEpochSecond(), 0, 9_000_000_000L);
    return seconds == time.getEpochSecond() ? seconds * 1_000_000_000L + time.getNano() : 0;
  }
}
