package dev.slipway.op.file;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.fsutil.Glob;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Finds what a path with wildcards means in a tree. Components before the first wildcard are
/// resolved as a path; below that, links are entries, never followed.
record Wildcards(Kernel kernel, FileCalls calls) {
  /// @param path absolute in the tree
  /// @param last whether a link in the last fixed component is followed
  /// @return paths in the tree, absolute, sorted; the path itself when it has no wildcard
  List<String> resolve(Path root, String path, Kernel.LastLink last) {
    List<String> fixed = new ArrayList<>();
    List<String> patterns = new ArrayList<>();
    for (String part : Path.of(path).normalize().toString().split("/")) {
      if (!part.isEmpty()) {
        (patterns.isEmpty() && !Glob.hasWildcards(part) ? fixed : patterns).add(part);
      }
    }
    if (patterns.isEmpty()) {
      return List.of(Path.of(path).normalize().toString());
    }
    Path base = kernel.resolveInRoot(root, String.join("/", fixed), last);
    kernel.attributes(base);
    List<String> found = new ArrayList<>();
    collect(root, base, patterns, found);
    return found;
  }

  private void collect(Path root, Path directory, List<String> patterns, List<String> found) {
    FileAttributes attributes = kernel.attributes(directory);
    if (!attributes.isDirectory()) {
      return;
    }
    for (Path child : calls.children(directory)) {
      if (!matches(patterns.getFirst(), child.getFileName().toString())) {
        continue;
      }
      if (patterns.size() == 1) {
        found.add("/" + root.relativize(child));
      } else {
        collect(root, child, patterns.subList(1, patterns.size()), found);
      }
    }
  }

  /// As in BuildKit, a malformed pattern matches nothing.
  private static boolean matches(String pattern, String name) {
    try {
      return Glob.parse(pattern).matches(name);
    } catch (InvalidRequest malformed) {
      return false;
    }
  }
}
