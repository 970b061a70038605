package dev.slipway.op;

import java.util.ArrayDeque;
import java.util.Deque;

/// Slash-separated paths by the rules of Go's `path` package, where digests or clients depend on
/// them. Pure.
final class GoPath {
  private GoPath() {}

  /// Joined and cleaned; empty elements are left out.
  static String join(String first, String second) {
    if (first.isEmpty() && second.isEmpty()) {
      return "";
    }
    if (first.isEmpty()) {
      return clean(second);
    }
    return clean(second.isEmpty() ? first : first + "/" + second);
  }

  /// The shortest equal path: no `.`, no `..` but at the front of a relative one, no doubled slash;
  /// `.` for nothing.
  static String clean(String path) {
    boolean rooted = path.startsWith("/");
    Deque<String> kept = new ArrayDeque<>();
    for (String element : path.split("/", -1)) {
      switch (element) {
        case "", "." -> {}
        case ".." -> {
          if (!kept.isEmpty() && !kept.getLast().equals("..")) {
            kept.removeLast();
          } else if (!rooted) {
            kept.addLast("..");
          }
        }
        default -> kept.addLast(element);
      }
    }
    String joined = String.join("/", kept);
    if (rooted) {
      return "/" + joined;
    }
    return joined.isEmpty() ? "." : joined;
  }

  /// The last element; `.` of nothing, `/` of slashes only.
  static String base(String path) {
    if (path.isEmpty()) {
      return ".";
    }
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    if (end == 0) {
      return "/";
    }
    return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
  }
}
