package dev.slipway.kernel;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;

/// Walks a path component by component below a root, following links as if the root were `/`. Pure
/// look-ups; nothing is opened, so it answers for the moment of the call. Where another process may
/// change the tree meanwhile, use [Kernel#mountInside].
public final class RootResolution {
  private static final int MOST_LINKS = 255;

  private final Kernel kernel;
  private final Path root;
  private final Deque<String> ahead = new ArrayDeque<>();
  private final Deque<String> behind = new ArrayDeque<>();
  private int links;

  private RootResolution(Kernel kernel, Path root) {
    this.kernel = kernel;
    this.root = root;
  }

  public static Path resolve(Kernel kernel, Path root, String path, Kernel.LastLink last) {
    var resolution = new RootResolution(kernel, root);
    resolution.push(path);
    return resolution.walk(last);
  }

  private Path walk(Kernel.LastLink last) {
    Path at = root;
    boolean missing = false;
    while (!ahead.isEmpty()) {
      String name = ahead.pop();
      if (name.equals("..")) {
        // A missing directory has no entries, but its parent may be there again.
        if (!behind.isEmpty()) {
          behind.pop();
          at = behind.isEmpty() ? root : Objects.requireNonNull(at.getParent());
          missing = false;
        }
        continue;
      }
      Path next = at.resolve(name);
      Optional<FileAttributes> found = missing ? Optional.empty() : find(next);
      missing = found.isEmpty();
      boolean link =
          found.isPresent()
              && found.get().isSymlink()
              && !(ahead.isEmpty() && last == Kernel.LastLink.KEEP);
      if (!link) {
        behind.push(name);
        at = next;
        continue;
      }
      String target = target(next);
      if (target.startsWith("/")) {
        behind.clear();
        at = root;
      }
      push(target);
    }
    return at;
  }

  private Optional<FileAttributes> find(Path path) {
    try {
      return kernel.find(path);
    } catch (WrongState notDirectory) {
      // ENOTDIR: a file stands where a directory should; whatever uses the path will say so.
      return Optional.empty();
    }
  }

  private String target(Path link) {
    if (++links > MOST_LINKS) {
      throw new InvalidRequest("too many links when resolving in " + root);
    }
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException failed) {
      throw new NotFound("readlink " + link + ": " + failed.getMessage(), failed);
    }
  }

  /// Puts the components in front of what is still to be walked.
  private void push(String path) {
    String[] parts = path.split("/", -1);
    for (int i = parts.length - 1; i >= 0; i--) {
      if (!parts[i].isEmpty() && !parts[i].equals(".")) {
        ahead.push(parts[i]);
      }
    }
  }
}
