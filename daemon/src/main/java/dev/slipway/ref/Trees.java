package dev.slipway.ref;

import dev.slipway.kernel.Kernel;
import dev.slipway.snapshot.Mounter;
import dev.slipway.snapshot.Snapshotter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/// What a ref store keeps its file trees with.
///
/// @param freeBytes what may still be written on the file system that holds the snapshots
public record Trees(
    Snapshotter snapshotter, Mounter mounter, Differ differ, LongSupplier freeBytes) {
  /// @param root any directory on the file system that holds the snapshots
  public static Trees on(Snapshotter snapshotter, Mounter mounter, Kernel kernel, Path root) {
    return new Trees(
        snapshotter,
        mounter,
        (lower, upper, layer) -> new TreeDiff(kernel, layer).write(lower, upper),
        () -> kernel.space(root).freeBytes());
  }

  /// Compares two trees that have nothing to do with each other.
  @FunctionalInterface
  public interface Differ {
    /// Writes what `upper` changes on `lower` into an empty layer directory, in the snapshotter's
    /// whiteout style.
    ///
    /// @param upper absent: everything is deleted
    void write(Path lower, Optional<Path> upper, Path layerDirectory);
  }
}
