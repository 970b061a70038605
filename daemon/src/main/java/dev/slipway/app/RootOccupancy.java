package dev.slipway.app;

import dev.slipway.failure.Unavailable;
import dev.slipway.kernel.Kernel;
import dev.slipway.lease.Occupancy;
import dev.slipway.ref.SnapshotRefStore;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// What the daemon's root takes on its disk: what refs and blobs take, the databases, the logs.
record RootOccupancy(SnapshotRefStore refs, Kernel kernel, Path root) implements Occupancy {
  @Override
  public long usedBytes() {
    return refs.occupiedBytes() + filesIn(root) + filesIn(root.resolve("logs"));
  }

  @Override
  public long freeBytes() {
    return kernel.space(root).freeBytes();
  }

  /// Not of folders below it.
  private static long filesIn(Path folder) {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, Files::isRegularFile)) {
      for (Path file : files) {
        bytes += size(file);
      }
    } catch (IOException | DirectoryIteratorException failed) {
      throw new Unavailable("cannot list " + folder + ": " + failed.getMessage(), failed);
    }
    return bytes;
  }

  private static long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException vanished) {
      return 0;
    }
  }
}
