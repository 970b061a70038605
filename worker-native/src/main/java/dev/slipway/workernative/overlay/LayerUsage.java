package dev.slipway.workernative.overlay;

import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.snapshot.Snapshotter;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Counts what a layer takes on disk: allocated blocks, a file with several names once. It may be
/// written meanwhile: what vanishes before its turn counts for nothing.
record LayerUsage(Kernel kernel) {
  Snapshotter.Usage of(Path layer) {
    long blocks = 0;
    long entries = 0;
    Set<Long> counted = new HashSet<>();
    Deque<Path> directories = new ArrayDeque<>();
    directories.push(layer);
    blocks += kernel.attributes(layer).blocks512();
    while (!directories.isEmpty()) {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(directories.pop())) {
        for (Path child : children) {
          Optional<FileAttributes> found = kernel.find(child);
          if (found.isEmpty()) {
            continue;
          }
          FileAttributes attributes = found.get();
          entries++;
          if (attributes.isDirectory()) {
            directories.push(child);
          } else if (attributes.links() > 1 && !counted.add(attributes.inode())) {
            continue;
          }
          blocks += attributes.blocks512();
        }
      } catch (NoSuchFileException | DirectoryIteratorException vanished) {
        // as above
      } catch (IOException failed) {
        throw new WrongState("cannot measure " + layer + ": " + failed.getMessage(), failed);
      }
    }
    return new Snapshotter.Usage(blocks * 512, entries);
  }
}
