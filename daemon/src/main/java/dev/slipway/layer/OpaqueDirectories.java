package dev.slipway.layer;

import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/// Rewrites opaque directories of a layer as deletions of just what they hide.
///
/// Overlayfs marks a directory that was made anew, or could have been, so that nothing of the layers
/// below shows through. That is right above the layers it was made on, but wrong above others: in a
/// merge, a layer deletes what it deleted, not what other trees have added there.
public final class OpaqueDirectories {
  private static final int WHITEOUT_MODE = 0;

  private final Kernel kernel;

  public OpaqueDirectories(Kernel kernel) {
    this.kernel = kernel;
  }

  /// Nobody else uses the layer meanwhile. What it shows above the layers below stays the same.
  ///
  /// @param layer directory of the layer
  /// @param below directories of the layers it was made on, base first
  public void rewrite(Path layer, List<Path> below) {
    try {
      rewrite(layer, DirectoryStack.of(kernel, below), false);
    } catch (IOException failed) {
      throw new WrongState("cannot rewrite " + layer + ": " + failed.getMessage(), failed);
    }
  }

  /// @param hides nothing of what is below shows in this directory
  private void rewrite(Path directory, DirectoryStack below, boolean hides) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          String name = String.valueOf(entry.getFileName());
          boolean opaque = DirectoryStack.isOpaque(kernel, entry);
          rewrite(entry, below.enter(name), hides || opaque);
          if (opaque) {
            kernel.removeExtendedAttribute(entry, LayerTree.OPAQUE);
          }
        }
      }
    }
    if (hides) {
      deleteHidden(directory, below);
    }
  }

  private void deleteHidden(Path directory, DirectoryStack below) throws IOException {
    FileAttributes before = kernel.attributes(directory);
    boolean changed = false;
    for (String name : below.list().keySet()) {
      Path path = directory.resolve(name);
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        kernel.makeNode(path, FileAttributes.Type.CHARACTER_DEVICE, WHITEOUT_MODE, 0, 0);
        changed = true;
      }
    }
    if (changed) {
      kernel.setModifiedTime(directory, before.modifiedNanos());
    }
  }
}
