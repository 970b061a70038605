package dev.slipway.layer;

import dev.slipway.failure.Unsupported;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.layer.DirectoryStack.Seen;
import dev.slipway.task.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/// Finds what a layer directory changes on those below, and tells it in the order in which
/// BuildKit's overlay differ does (`util/overlay`, `Changes`, v0.32.2), so that archives come out
/// equal. Confined to one thread.
final class LayerDiffer {
  static final String CAPABILITY = "security.capability";

  private final Kernel kernel;
  private final Path root;
  private final Optional<List<Path>> below;
  private final ChangeWriter changes;

  /// @param below base layer first; empty when it is not known
  LayerDiffer(Kernel kernel, Path root, Optional<List<Path>> below, ChangeWriter changes) {
    this.kernel = kernel;
    this.root = root;
    this.below = below;
    this.changes = changes;
  }

  void run() throws IOException {
    walk(
        "",
        new DirectoryStack(kernel, List.of(root)),
        DirectoryStack.of(kernel, below.orElse(List.of())));
  }

  /// Entries of the upper directory itself, marks included.
  private void walk(String prefix, DirectoryStack upper, DirectoryStack lower) throws IOException {
    for (String name : names(upper.directories().getFirst())) {
      Interruption.check();
      Path path = upper.directories().getFirst().resolve(name);
      String relative = prefix + name;
      FileAttributes attributes = kernel.attributes(path);
      Optional<Seen> before = lower.find(name);
      if (attributes.isOverlayWhiteout()) {
        if (before.isPresent() || below.isEmpty()) {
          changes.delete(relative);
        }
        continue;
      }
      Seen now = new Seen(path, attributes);
      if (before.isEmpty() || !same(before.get(), now)) {
        changes.add(relative, now);
      }
      if (attributes.isDirectory()) {
        enter(relative, name, path, lower, before);
      }
    }
  }

  private void enter(
      String relative, String name, Path path, DirectoryStack lower, Optional<Seen> before)
      throws IOException {
    if (kernel.extendedAttribute(path, "trusted.overlay.redirect").isPresent()) {
      throw new Unsupported("redirected directory in layer: " + relative);
    }
    DirectoryStack upper = new DirectoryStack(kernel, List.of(path));
    boolean opaque = DirectoryStack.isOpaque(kernel, path);
    if (opaque && below.isEmpty()) {
      changes.markOpaque(relative);
    }
    if (opaque && before.isPresent()) {
      compare(relative + "/", upper, lower.enter(name));
    } else {
      walk(relative + "/", upper, lower.enter(name));
    }
  }

  /// What is seen above against what was seen below, where the upper directory hides the lower one.
  private void compare(String prefix, DirectoryStack upper, DirectoryStack lower)
      throws IOException {
    SortedMap<String, Seen> now = upper.list();
    SortedMap<String, Seen> before = lower.list();
    TreeSet<String> names = new TreeSet<>(ByteOrder.OF_NAMES);
    names.addAll(now.keySet());
    names.addAll(before.keySet());
    for (String name : names) {
      Interruption.check();
      Seen above = now.get(name);
      Seen under = before.get(name);
      if (above == null) {
        changes.delete(prefix + name);
        continue;
      }
      if (under == null || !same(under, above)) {
        changes.add(prefix + name, above);
      } else {
        changes.keep(prefix + name, above);
      }
      if (above.attributes().isDirectory()) {
        boolean both = under != null && under.attributes().isDirectory();
        compare(prefix + name + "/", upper.enter(name), both ? lower.enter(name) : lower.none());
      }
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (var entries = Files.newDirectoryStream(directory)) {
      TreeSet<String> names = new TreeSet<>(ByteOrder.OF_NAMES);
      entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
      return List.copyOf(names);
    }
  }

  private boolean same(Seen before, Seen now) throws IOException {
    return sameEntry(before, now) && sameCapability(before, now);
  }

  /// Whether nothing that a layer records differs, leaving extended attributes aside. Where both
  /// times have no fraction (unpacked from an archive), contents decide. The time of a directory
  /// tells only that something was done in it.
  static boolean sameEntry(Seen before, Seen now) throws IOException {
    FileAttributes a = before.attributes();
    FileAttributes b = now.attributes();
    if (a.type() != b.type() || a.mode() != b.mode() || a.uid() != b.uid() || a.gid() != b.gid()) {
      return false;
    }
    if (a.rdevMajor() != b.rdevMajor() || a.rdevMinor() != b.rdevMinor()) {
      return false;
    }
    if (a.isDirectory()) {
      return true;
    }
    if (a.bytes() != b.bytes() || a.modifiedNanos() != b.modifiedNanos()) {
      return false;
    }
    if (a.modifiedNanos() % 1_000_000_000L != 0) {
      return true;
    }
    if (a.isSymlink()) {
      return Files.readSymbolicLink(before.path()).equals(Files.readSymbolicLink(now.path()));
    }
    return !a.isFile() || Files.mismatch(before.path(), now.path()) < 0;
  }

  private boolean sameCapability(Seen before, Seen now) {
    byte[] none = new byte[0];
    return Arrays.equals(
        kernel.extendedAttribute(before.path(), CAPABILITY).orElse(none),
        kernel.extendedAttribute(now.path(), CAPABILITY).orElse(none));
  }
}
