package dev.slipway.layer;

import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.layer.DirectoryStack.Seen;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Takes changes in order, and writes them as entries of an archive, as containerd's
/// `archive.ChangeWriter` does: parents first, times cut to seconds, of extended attributes only
/// the capability. Confined to one thread.
final class ChangeWriter {
  private final Kernel kernel;
  private final Path root;
  private final TarWriter tar;
  private final byte[] buffer = new byte[ChunkPipe.CHUNK];
  private final Set<String> writtenDirectories = new HashSet<>();
  private final Map<Long, String> linkSources = new HashMap<>();
  private final Map<Long, List<String>> unwrittenLinks = new HashMap<>();

  ChangeWriter(Kernel kernel, Path root, TarWriter tar) {
    this.kernel = kernel;
    this.root = root;
    this.tar = tar;
  }

  void delete(String relative) throws IOException {
    int slash = relative.lastIndexOf('/');
    mark(relative.substring(0, slash + 1) + LayerTree.WHITEOUT + relative.substring(slash + 1));
  }

  void markOpaque(String directory) throws IOException {
    mark(directory + "/" + LayerTree.OPAQUE_MARK);
  }

  private void mark(String name) throws IOException {
    addParents(name);
    tar.startPlain(TarEntry.of(name, TarEntry.Type.FILE, 0, Instant.EPOCH));
  }

  /// Writes an entry that is new or changed.
  void add(String relative, Seen seen) throws IOException {
    FileAttributes attributes = seen.attributes();
    if (attributes.type() == FileAttributes.Type.SOCKET) {
      return;
    }
    TarEntry entry = header(relative, seen);
    List<String> alsoLinked = List.of();
    if (isHardLinked(attributes)) {
      String source = linkSources.putIfAbsent(attributes.inode(), entry.name());
      if (source != null) {
        entry = entry.withLink(TarEntry.Type.HARD_LINK, source);
      } else {
        List<String> waiting = unwrittenLinks.remove(attributes.inode());
        alsoLinked = waiting == null ? List.of() : waiting;
      }
    }
    addParents(relative);
    tar.startPax(entry);
    if (entry.type() == TarEntry.Type.DIRECTORY) {
      writtenDirectories.add(relative);
    }
    if (entry.bytes() > 0) {
      copy(seen.path(), entry.bytes());
    }
    for (String name : alsoLinked) {
      addParents(name);
      tar.startPax(entry.withName(name).withLink(TarEntry.Type.HARD_LINK, entry.name()));
    }
  }

  /// Takes note of an entry that did not change: it matters only when it is a hard link to
  /// something that did.
  void keep(String relative, Seen seen) throws IOException {
    if (!isHardLinked(seen.attributes())) {
      return;
    }
    if (linkSources.containsKey(seen.attributes().inode())) {
      add(relative, seen);
    } else {
      unwrittenLinks
          .computeIfAbsent(seen.attributes().inode(), _ -> new ArrayList<>())
          .add(relative);
    }
  }

  private void addParents(String relative) throws IOException {
    int slash = relative.lastIndexOf('/');
    if (slash > 0) {
      String parent = relative.substring(0, slash);
      if (writtenDirectories.add(parent)) {
        Path path = root.resolve(parent);
        add(parent, new Seen(path, kernel.attributes(path)));
      }
    }
  }

  private TarEntry header(String relative, Seen seen) throws IOException {
    FileAttributes attributes = seen.attributes();
    boolean directory = attributes.isDirectory();
    long seconds = Math.floorDiv(attributes.modifiedNanos(), 1_000_000_000L);
    TarEntry entry =
        TarEntry.of(
                directory ? relative + "/" : relative,
                typeOf(attributes.type()),
                attributes.mode(),
                Instant.ofEpochSecond(seconds))
            .withOwner(attributes.uid(), attributes.gid());
    if (attributes.isFile()) {
      entry = entry.withBytes(attributes.bytes());
    } else if (attributes.isSymlink()) {
      entry = entry.withLink(TarEntry.Type.SYMLINK, Files.readSymbolicLink(seen.path()).toString());
    } else if (entry.type() == TarEntry.Type.CHARACTER_DEVICE
        || entry.type() == TarEntry.Type.BLOCK_DEVICE) {
      entry = entry.withDevice(attributes.rdevMajor(), attributes.rdevMinor());
    }
    Optional<byte[]> capability = kernel.extendedAttribute(seen.path(), LayerDiffer.CAPABILITY);
    return capability.isPresent() && capability.get().length > 0
        ? entry.withRecord(TarEntry.XATTR + LayerDiffer.CAPABILITY, capability.get())
        : entry;
  }

  private void copy(Path file, long bytes) throws IOException {
    long left = bytes;
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      ByteBuffer chunk = ByteBuffer.wrap(buffer);
      while (left > 0) {
        chunk.clear().limit((int) Math.min(buffer.length, left));
        int count = channel.read(chunk);
        if (count < 0) {
          throw new IOException(file + " became shorter while it was read");
        }
        tar.write(buffer, 0, count);
        left -= count;
      }
    }
  }

  private static boolean isHardLinked(FileAttributes attributes) {
    return attributes.links() > 1 && !attributes.isDirectory();
  }

  private static TarEntry.Type typeOf(FileAttributes.Type type) {
    return switch (type) {
      case FILE -> TarEntry.Type.FILE;
      case DIRECTORY -> TarEntry.Type.DIRECTORY;
      case SYMLINK -> TarEntry.Type.SYMLINK;
      case CHARACTER_DEVICE -> TarEntry.Type.CHARACTER_DEVICE;
      case BLOCK_DEVICE -> TarEntry.Type.BLOCK_DEVICE;
      case NAMED_PIPE -> TarEntry.Type.NAMED_PIPE;
      case SOCKET -> throw new IllegalArgumentException("a socket has no entry");
    };
  }
}
