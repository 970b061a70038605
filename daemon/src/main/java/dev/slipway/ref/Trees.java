package dev.slipway.ref;

import dev.slipway.kernel.Kernel;
import dev.slipway.layer.LayerSettler;
import dev.slipway.snapshot.Mounter;
import dev.slipway.snapshot.Snapshotter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// What a ref store keeps its file trees with.
///
/// @param freeBytes what may still be written on the file system that holds the snapshots
public record Trees(
    Snapshotter snapshotter,
    Mounter mounter,
    Differ differ,
    Settler settler,
    LongSupplier freeBytes) {
  /// @param root any directory on the file system that holds the snapshots
  public static Trees on(Snapshotter snapshotter, Mounter mounter, Kernel kernel, Path root) {
    return new Trees(
        snapshotter,
        mounter,
        (lower, upper, layer) -> new TreeDiff(kernel, layer).write(lower, upper),
        new Settling(new LayerSettler(kernel)),
        () -> kernel.space(root).freeBytes());
  }

  /// Makes a layer that has been written fit to lie on others than it was written on.
  @FunctionalInterface
  public interface Settler {
    /// @param below directories of the layers it was written on, base first
    void settle(Path layerDirectory, List<Path> below);

    /// Whether a settled layer has directories for nothing but their times.
    default boolean hasIdleDirectories(Path layerDirectory, List<Path> below) {
      return false;
    }
  }

  private record Settling(LayerSettler layers) implements Settler {
    @Override
    public void settle(Path layerDirectory, List<Path> below) {
      layers.settle(layerDirectory, below);
    }

    @Override
    public boolean hasIdleDirectories(Path layerDirectory, List<Path> below) {
      return layers.hasIdleDirectories(layerDirectory, below);
    }
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
