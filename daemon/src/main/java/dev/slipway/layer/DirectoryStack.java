package dev.slipway.layer;

import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// One directory as seen through layers laid over each other, without mounting them: what overlayfs
/// would show. Confined to one thread.
///
/// @param directories those that make it up, topmost layer first; none when there is no such
///   directory
record DirectoryStack(Kernel kernel, List<Path> directories) {
  private static final byte[] YES = {'y'};

  DirectoryStack {
    directories = List.copyOf(directories);
  }

  /// @param layers base layer first
  static DirectoryStack of(Kernel kernel, List<Path> layers) {
    return new DirectoryStack(kernel, layers.reversed());
  }

  DirectoryStack none() {
    return new DirectoryStack(kernel, List.of());
  }

  /// What is seen under that name.
  Optional<Seen> find(String name) {
    for (Path directory : directories) {
      Path path = directory.resolve(name);
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        FileAttributes attributes = kernel.attributes(path);
        return attributes.isOverlayWhiteout()
            ? Optional.empty()
            : Optional.of(new Seen(path, attributes));
      }
    }
    return Optional.empty();
  }

  /// The directory of that name one level down.
  DirectoryStack enter(String name) {
    List<Path> deeper = new ArrayList<>();
    for (Path directory : directories) {
      Path path = directory.resolve(name);
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        break;
      }
      deeper.add(path);
      if (isOpaque(kernel, path)) {
        break;
      }
    }
    return new DirectoryStack(kernel, deeper);
  }

  /// All that is seen in it, by name in the order of their bytes.
  SortedMap<String, Seen> list() throws IOException {
    SortedMap<String, Seen> seen = new TreeMap<>(ByteOrder.OF_NAMES);
    Set<String> decided = new HashSet<>();
    for (Path directory : directories) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        for (Path entry : entries) {
          String name = String.valueOf(entry.getFileName());
          if (decided.add(name)) {
            FileAttributes attributes = kernel.attributes(entry);
            if (!attributes.isOverlayWhiteout()) {
              seen.put(name, new Seen(entry, attributes));
            }
          }
        }
      }
    }
    return seen;
  }

  static boolean isOpaque(Kernel kernel, Path directory) {
    return java.util.Arrays.equals(
        kernel.extendedAttribute(directory, LayerTree.OPAQUE).orElse(new byte[0]), YES);
  }

  /// @param path host path of the entry in the layer it comes from
  record Seen(Path path, FileAttributes attributes) {}
}
