package dev.slipway.layer;

import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.layer.DirectoryStack.Seen;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes a layer that has been written say only what it changes, so that it can lie on others than
/// it was written on.
///
/// Overlayfs marks a directory that was made anew, or could have been, as opaque: nothing of the
/// layers below shows through. It copies directories up that nothing has changed in and files that
/// were moved away and back, and leaves deletions of what was never there. Above the layers it was
/// made on, all this is harmless; in a merge, or as a difference, a layer would hide or change what
/// it never touched.
public final class LayerSettler {
  private static final int WHITEOUT_MODE = 0;
  private static final String OVERLAY_ATTRIBUTES = "trusted.overlay.";

  private final Kernel kernel;

  public LayerSettler(Kernel kernel) {
    this.kernel = kernel;
  }

  /// Nobody else uses the layer meanwhile. What it shows above the layers below stays the same.
  ///
  /// @param layer directory of the layer
  /// @param below directories of the layers it was made on, base first
  public void settle(Path layer, List<Path> below) {
    try {
      settle(layer, DirectoryStack.of(kernel, below), false);
    } catch (IOException failed) {
      throw new WrongState("cannot settle " + layer + ": " + failed.getMessage(), failed);
    }
  }

  /// @param hides nothing of what is below shows in this directory
  private void settle(Path directory, DirectoryStack below, boolean hides) throws IOException {
    long modified = kernel.attributes(directory).modifiedNanos();
    boolean changed = hides && deleteHidden(directory, below);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (saysNothing(entry, below, hides)) {
          Files.delete(entry);
          changed = true;
        }
      }
    }
    if (changed) {
      kernel.setModifiedTime(directory, modified);
    }
  }

  /// @return whether the tree would be the same without the entry
  private boolean saysNothing(Path entry, DirectoryStack below, boolean hides) throws IOException {
    String name = String.valueOf(entry.getFileName());
    FileAttributes attributes = kernel.attributes(entry);
    if (attributes.isOverlayWhiteout()) {
      return below.find(name).isEmpty();
    }
    if (attributes.isDirectory()) {
      boolean opaque = DirectoryStack.isOpaque(kernel, entry);
      settle(entry, below.enter(name), hides || opaque);
      if (opaque) {
        kernel.removeExtendedAttribute(entry, LayerTree.OPAQUE);
      }
      if (!isEmpty(entry)) {
        return false;
      }
    } else if (attributes.links() > 1) {
      // Its other names may be what changed.
      return false;
    }
    Optional<Seen> before = below.find(name);
    return before.isPresent()
        && before.get().attributes().modifiedNanos() == attributes.modifiedNanos()
        && same(before.get(), new Seen(entry, attributes));
  }

  /// Whether a settled layer has directories for nothing but their times. Something was done in
  /// them and undone, or they were touched: the layers above see that, but it is no difference.
  public boolean hasIdleDirectories(Path layer, List<Path> below) {
    try {
      return hasIdleDirectories(layer, DirectoryStack.of(kernel, below));
    } catch (IOException failed) {
      throw new WrongState("cannot look through " + layer + ": " + failed.getMessage(), failed);
    }
  }

  private boolean hasIdleDirectories(Path directory, DirectoryStack below) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          String name = String.valueOf(entry.getFileName());
          Optional<Seen> before = below.find(name);
          if (before.isPresent()
              && (isEmpty(entry)
                  ? same(before.get(), new Seen(entry, kernel.attributes(entry)))
                  : hasIdleDirectories(entry, below.enter(name)))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    }
  }

  /// As a layer's archive tells it ([LayerDiffer]), but with all extended attributes, and whatever
  /// the times say, with the contents: later steps read them.
  private boolean same(Seen before, Seen now) throws IOException {
    return LayerDiffer.sameEntry(before, now)
        && sameContents(before, now)
        && sameAttributes(own(before.path()), own(now.path()));
  }

  private static boolean sameContents(Seen before, Seen now) throws IOException {
    FileAttributes attributes = now.attributes();
    if (attributes.isSymlink()) {
      return Files.readSymbolicLink(before.path()).equals(Files.readSymbolicLink(now.path()));
    }
    return !attributes.isFile() || Files.mismatch(before.path(), now.path()) < 0;
  }

  private Map<String, byte[]> own(Path path) {
    Map<String, byte[]> own = new java.util.TreeMap<>(kernel.extendedAttributes(path));
    own.keySet().removeIf(name -> name.startsWith(OVERLAY_ATTRIBUTES));
    return own;
  }

  private static boolean sameAttributes(Map<String, byte[]> one, Map<String, byte[]> other) {
    return one.keySet().equals(other.keySet())
        && one.entrySet().stream()
            .allMatch(
                entry ->
                    Arrays.equals(
                        entry.getValue(), other.getOrDefault(entry.getKey(), new byte[0])));
  }

  private boolean deleteHidden(Path directory, DirectoryStack below) throws IOException {
    boolean changed = false;
    for (String name : below.list().keySet()) {
      Path path = directory.resolve(name);
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        kernel.makeNode(path, FileAttributes.Type.CHARACTER_DEVICE, WHITEOUT_MODE, 0, 0);
        changed = true;
      }
    }
    return changed;
  }
}
