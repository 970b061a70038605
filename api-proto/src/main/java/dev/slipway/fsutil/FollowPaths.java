package dev.slipway.fsutil;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Finds what must be included so that some paths can be reached: the paths, and all that links on
/// the way to them lead to. Links are taken to be absolute at the root; nothing outside is looked
/// at.
final class FollowPaths {
  private static final int MAX_PATHS = 100_000;

  private final Path root;
  private final TreeSet<String> resolved = new TreeSet<>();

  private FollowPaths(Path root) {
    this.root = root;
  }

  /// @return empty when the root itself must be included
  static Optional<List<String>> resolve(Path root, List<String> paths) {
    FollowPaths follow = new FollowPaths(root);
    for (String path : paths) {
      follow.add(relative(path));
    }
    return withoutCovered(List.copyOf(follow.resolved));
  }

  /// Leaves out paths below others.
  ///
  /// @param sorted in order, or with patterns that are none of our business in front
  /// @return empty when one of them is the root
  static Optional<List<String>> withoutCovered(List<String> sorted) {
    List<String> kept = new ArrayList<>();
    String last = "";
    for (String path : sorted) {
      if (path.equals(".")) {
        return Optional.empty();
      }
      if (!path.startsWith(last + "/")) {
        kept.add(path);
        last = path;
      }
    }
    return Optional.of(kept);
  }

  private static String relative(String path) {
    String clean = TreePaths.clean("/" + path);
    return clean.equals("/") ? "." : clean.substring(1);
  }

  private void add(String path) {
    String current = "";
    String rest = path;
    while (resolved.size() < MAX_PATHS) {
      int slash = rest.indexOf('/');
      String first = slash < 0 ? rest : rest.substring(0, slash);
      current = current.isEmpty() ? first : current + "/" + first;
      rest = slash < 0 ? "" : rest.substring(slash + 1);
      Optional<List<String>> targets = targets(current);
      if (rest.isEmpty() || targets.isPresent()) {
        if (!resolved.add(current)) {
          return;
        }
      }
      if (targets.isPresent()) {
        for (String target : targets.get()) {
          add(relative(rest.isEmpty() ? target : target + "/" + rest));
        }
        return;
      }
      if (rest.isEmpty()) {
        return;
      }
    }
  }

  /// Where a path leads to if it is a link, or a pattern; empty if it is neither.
  private Optional<List<String>> targets(String path) {
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    if (!Glob.hasWildcards(name)) {
      return link(path).map(List::of);
    }
    String parent = slash < 0 ? "" : path.substring(0, slash);
    List<String> found = new ArrayList<>();
    Glob glob = Glob.parse(name);
    for (String candidate : names(parent)) {
      if (glob.matches(candidate)) {
        link(parent.isEmpty() ? candidate : parent + "/" + candidate).ifPresent(found::add);
      }
    }
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }

  private List<String> names(String directory) {
    List<String> names = new ArrayList<>();
    Path folder = root.resolve(directory);
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
        files.forEach(file -> names.add(file.getFileName().toString()));
      } catch (IOException _) {
        return List.of();
      }
    }
    names.sort(TreePaths.ORDER);
    return names;
  }

  private Optional<String> link(String path) {
    if (path.equals(".") || path.indexOf('\0') >= 0) {
      return Optional.empty();
    }
    Path file = root.resolve(path);
    if (!Files.isSymbolicLink(file)) {
      return Optional.empty();
    }
    try {
      String text = Files.readSymbolicLink(file).toString();
      return Optional.of(text.startsWith("/") ? text : "/" + TreePaths.parent(path) + "/" + text);
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
