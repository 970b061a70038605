package dev.slipway.workernative.runtime;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.NotFound;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Empty files and directories that mounts of a container are put on, and their removal afterwards
/// so that they do not end up in the layer.
///
/// They are made here, before the runtime would make them, so that the times of the directories
/// they are in can be put back at once: a directory the step does not touch looks untouched. Only
/// entries that were not there before are removed, only when still empty, and only where their path
/// still leads to the same place inside the root. BuildKit (`executor/stubs.go`) leaves missing
/// parents of a mount behind unless told to remove recursively; so do we.
final class MountStubs {
  private final Kernel kernel;
  private final Path root;
  private final List<Path> removable = new ArrayList<>();

  private MountStubs(Kernel kernel, Path root) {
    this.kernel = kernel;
    this.root = root;
  }

  record Destination(String path, Form form) {
    enum Form {
      FILE,
      DIRECTORY
    }

    boolean isBelow(Destination other) {
      return path.startsWith(other.path.endsWith("/") ? other.path : other.path + "/");
    }
  }

  /// Makes what is missing. What cannot be made is left to the runtime, whose words about it are
  /// better.
  static MountStubs make(
      Kernel kernel, Path root, List<Destination> destinations, ContainerSpec.MountStubs removal) {
    var stubs = new MountStubs(kernel, root);
    for (Destination destination : destinations) {
      // What lies below another mount is made on that mount, not on the root.
      if (destinations.stream()
          .noneMatch(
              other -> other.form() == Destination.Form.DIRECTORY && destination.isBelow(other))) {
        stubs.make(destination, removal);
      }
    }
    return stubs;
  }

  private void make(Destination destination, ContainerSpec.MountStubs removal) {
    try {
      Path path = kernel.resolveInRoot(root, destination.path(), Kernel.LastLink.FOLLOW);
      List<Path> missing = new ArrayList<>();
      Path existing = path;
      while (!existing.equals(root) && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
        missing.add(existing);
        existing = Objects.requireNonNull(existing.getParent());
      }
      if (missing.isEmpty()) {
        return;
      }
      FileAttributes before = kernel.attributes(existing);
      for (Path each : missing.reversed()) {
        if (each.equals(path) && destination.form() == Destination.Form.FILE) {
          Files.createFile(each);
          kernel.setMode(each, 0644);
        } else {
          Files.createDirectory(each);
          kernel.setMode(each, 0755);
        }
      }
      kernel.setModifiedTime(existing, before.modifiedNanos());
      switch (removal) {
        case REMOVE -> removable.add(path);
        case REMOVE_RECURSIVELY -> removable.addAll(missing);
      }
    } catch (IOException | BuildFailure unable) {
      // Read-only, or a file stands in the way: the runtime refuses the container and says why.
    }
  }

  /// Removes what is still there and still empty. Nothing may run in the root any more.
  void remove() {
    for (Path path : removable) {
      try {
        remove(path);
      } catch (NotFound gone) {
        // The step removed it or a directory above.
      } catch (IOException notEmpty) {
        // The step put something there: it is the step's now.
      }
    }
  }

  private void remove(Path path) throws IOException {
    Path parent = Objects.requireNonNull(path.getParent());
    String inside = "/" + root.relativize(path);
    if (!kernel.resolveInRoot(root, inside, Kernel.LastLink.KEEP).equals(path)) {
      return; // a directory on the way became a link
    }
    FileAttributes found = kernel.attributes(path);
    if (!found.isDirectory() && (!found.isFile() || found.bytes() != 0)) {
      return;
    }
    FileAttributes above = kernel.attributes(parent);
    Files.delete(path);
    kernel.setModifiedTime(parent, above.modifiedNanos());
  }
}
