package dev.slipway.layer;

import dev.slipway.failure.Unavailable;
import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.Stat;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;

/// Writes a whole tree as a plain tar archive, as BuildKit's tar exporter does: numeric owners,
/// extended attributes as records, times in whole seconds. Confined to one thread.
public final class TreeArchive {
  private static final long SECOND = 1_000_000_000L;

  private final FileTree tree;
  private final TarWriter tar;
  private final byte[] buffer = new byte[ChunkPipe.CHUNK];

  private TreeArchive(FileTree tree, TarWriter tar) {
    this.tree = tree;
    this.tar = tar;
  }

  /// Leaves the stream open.
  ///
  /// @throws Unavailable a file cannot be read
  public static void write(FileTree tree, OutputStream out) {
    try (TarWriter tar = new TarWriter(out)) {
      tree.walk(new TreeArchive(tree, tar)::entry);
    } catch (IOException failed) {
      throw new Unavailable("writing the archive: " + failed.getMessage(), failed);
    } catch (UncheckedIOException failed) {
      throw new Unavailable("writing the archive: " + failed.getMessage(), failed);
    }
  }

  private void entry(Stat stat) {
    try {
      TarEntry entry = header(stat);
      tar.startPlain(entry);
      if (entry.bytes() > 0) {
        content(stat.path(), entry.bytes());
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(stat.path() + ": " + failed.getMessage(), failed);
    }
  }

  private void content(String path, long bytes) throws IOException {
    try (InputStream file = tree.open(path)) {
      for (long left = bytes; left > 0; ) {
        int count = file.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw new EOFException("the file ends early");
        }
        tar.write(buffer, 0, count);
        left -= count;
      }
    }
  }

  private static TarEntry header(Stat stat) {
    String name = stat.isDirectory() ? stat.path() + "/" : stat.path();
    Instant modified =
        Instant.ofEpochSecond(Math.floorDiv(stat.modifiedNanos() + SECOND / 2, SECOND));
    TarEntry entry =
        TarEntry.of(name, type(stat), FileMode.posixPermissions(stat.mode()), modified)
            .withOwner((int) stat.uid(), (int) stat.gid());
    if (!stat.linkName().isEmpty()) {
      entry = entry.withLink(type(stat), stat.linkName());
    } else if (stat.isRegular()) {
      entry = entry.withBytes(stat.size());
    } else if (stat.isDevice()) {
      entry = entry.withDevice((int) stat.deviceMajor(), (int) stat.deviceMinor());
    }
    for (var attribute : stat.extendedAttributes().entrySet()) {
      entry =
          entry.withRecord(TarEntry.XATTR + attribute.getKey(), attribute.getValue().toByteArray());
    }
    return entry;
  }

  private static TarEntry.Type type(Stat stat) {
    if (stat.isDirectory()) {
      return TarEntry.Type.DIRECTORY;
    }
    if (stat.isSymlink()) {
      return TarEntry.Type.SYMLINK;
    }
    if (stat.isHardLink()) {
      return TarEntry.Type.HARD_LINK;
    }
    if (stat.isDevice()) {
      return (stat.mode() & FileMode.CHARACTER_DEVICE) != 0
          ? TarEntry.Type.CHARACTER_DEVICE
          : TarEntry.Type.BLOCK_DEVICE;
    }
    return stat.isNamedPipe() ? TarEntry.Type.NAMED_PIPE : TarEntry.Type.FILE;
  }
}
