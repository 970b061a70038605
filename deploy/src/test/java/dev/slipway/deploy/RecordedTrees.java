package dev.slipway.deploy;

import dev.slipway.contenthash.testing.GoldenTrees;
import dev.slipway.contenthash.testing.GoldenTrees.GoldenEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// The directories that were recorded, made anew with their modes, owners, attributes, pipes and
/// hard links. Confined to the test's thread.
final class RecordedTrees {
  private final Path folder;
  private final Tool tar;
  private final Map<String, Path> made = new TreeMap<>();

  RecordedTrees(Path folder, Tool tar) {
    this.folder = folder;
    this.tar = tar;
  }

  Path directory(String name) {
    return made.computeIfAbsent(name, this::make);
  }

  private Path make(String name) {
    try {
      Path archive = folder.resolve(name + ".tar");
      try (OutputStream file = Files.newOutputStream(archive);
          TarArchiveOutputStream entries =
              new TarArchiveOutputStream(file, StandardCharsets.UTF_8.name())) {
        entries.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        for (GoldenEntry entry : GoldenTrees.trees().getOrDefault(name, List.of())) {
          write(entry, entries);
        }
      }
      Path directory = Files.createDirectories(folder.resolve(name));
      tar.with("--extract", "--preserve-permissions", "--numeric-owner")
          .with("--xattrs", "--xattrs-include=*", "--directory", directory.toString())
          .succeed("--file", archive.toString());
      return directory;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void write(GoldenEntry golden, TarArchiveOutputStream entries) throws IOException {
    byte kind =
        switch (golden.type()) {
          case "file" -> TarConstants.LF_NORMAL;
          case "dir" -> TarConstants.LF_DIR;
          case "symlink" -> TarConstants.LF_SYMLINK;
          case "hardlink" -> TarConstants.LF_LINK;
          case "fifo" -> TarConstants.LF_FIFO;
          default -> throw new IllegalArgumentException(golden.toString());
        };
    TarArchiveEntry entry =
        new TarArchiveEntry(golden.path() + (kind == TarConstants.LF_DIR ? "/" : ""), kind);
    entry.setMode(golden.mode());
    entry.setUserId(golden.uid());
    entry.setGroupId(golden.gid());
    entry.setLastModifiedTime(
        java.nio.file.attribute.FileTime.from(Instant.ofEpochSecond(golden.modified())));
    entry.setLinkName(golden.target());
    entry.setSize(golden.data().length);
    golden
        .xattrs()
        .forEach(
            (name, value) ->
                entry.addPaxHeader(
                    "SCHILY.xattr." + name, new String(value, StandardCharsets.UTF_8)));
    entries.putArchiveEntry(entry);
    entries.write(golden.data());
    entries.closeArchiveEntry();
  }
}
