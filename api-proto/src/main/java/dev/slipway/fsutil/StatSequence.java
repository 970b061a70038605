package dev.slipway.fsutil;

import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Checks the entries that a peer announces, one by one: clean relative paths, in order, below
/// directories that came before, hard links to files that came before, all within limits. Confined
/// to one thread.
final class StatSequence {
  private static final int MAX_NAME_BYTES = 255;

  private final ReceiveLimits limits;

  /// The directories we are in, and the last name seen in each.
  private final List<Level> levels = new ArrayList<>();

  private final Set<String> files = new HashSet<>();
  private int count;

  private static final class Level {
    final String directory;
    String last = "";

    Level(String directory) {
      this.directory = directory;
    }
  }

  StatSequence(ReceiveLimits limits) {
    this.limits = limits;
    levels.add(new Level(""));
  }

  /// @throws InvalidRequest the entry is not allowed
  /// @throws Exhausted there are too many
  void check(Stat stat) {
    if (++count > limits.entries()) {
      throw new Exhausted("more than " + limits.entries() + " files");
    }
    checkSizes(stat);
    checkPath(stat.path());
    checkOrder(stat);
    if (stat.isHardLink()) {
      if (!files.contains(stat.linkName())) {
        throw refused("invalid link to unknown path " + quoted(stat.linkName()), stat.path());
      }
    } else if (!stat.isDirectory() && !stat.isSymlink()) {
      files.add(stat.path());
    }
  }

  private void checkSizes(Stat stat) {
    if (utf8Length(stat.path()) > limits.pathBytes()) {
      throw refused("path too long", stat.path());
    }
    if (utf8Length(stat.linkName()) > limits.pathBytes()) {
      throw refused("link text too long", stat.path());
    }
    if (utf8Length(stat.name()) > MAX_NAME_BYTES) {
      throw refused("file name too long", stat.path());
    }
    if (stat.linkName().indexOf('\0') >= 0) {
      throw refused("unclean link text", stat.path());
    }
    if (stat.size() < 0) {
      throw refused("negative size", stat.path());
    }
    long attributes = 0;
    for (var attribute : stat.extendedAttributes().entrySet()) {
      attributes += attribute.getKey().length() + attribute.getValue().size();
    }
    if (attributes > limits.attributeBytes()) {
      throw refused("too many extended attributes", stat.path());
    }
  }

  private static void checkPath(String path) {
    if (path.startsWith("/")) {
      throw refused("absolute path", path);
    }
    if (path.equals("..") || path.startsWith("../") || path.contains("/../")) {
      throw refused("path leads outside", path);
    }
    if (!TreePaths.isClean(path) || path.indexOf('\0') >= 0) {
      throw refused("unclean path", path);
    }
  }

  private void checkOrder(Stat stat) {
    String path = stat.path();
    String parent = TreePaths.parent(path);
    while (levels.size() > 1 && !isWithin(parent, levels.getLast().directory)) {
      levels.removeLast();
    }
    Level level = levels.getLast();
    if (!level.directory.equals(parent) || TreePaths.ORDER.compare(level.last, stat.name()) >= 0) {
      throw refused("changes out of order", path);
    }
    level.last = stat.name();
    if (stat.isDirectory()) {
      levels.add(new Level(path));
    }
  }

  private static boolean isWithin(String path, String directory) {
    return path.equals(directory)
        || (path.length() > directory.length()
            && path.startsWith(directory)
            && path.charAt(directory.length()) == '/');
  }

  private static int utf8Length(String text) {
    return text.length() * 4 <= MAX_NAME_BYTES
        ? text.length()
        : text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static InvalidRequest refused(String reason, String path) {
    return new InvalidRequest("file from the client refused: " + reason + ": " + quoted(path));
  }

  private static String quoted(String path) {
    return '"' + (path.length() > 200 ? path.substring(0, 200) + "…" : path) + '"';
  }
}
