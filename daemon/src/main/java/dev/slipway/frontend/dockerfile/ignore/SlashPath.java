package dev.slipway.frontend.dockerfile.ignore;

import java.util.ArrayDeque;
import java.util.Deque;

/// Cleaning and joining of slash-separated paths by text alone, as Go's `path` package does it.
public final class SlashPath {
  private SlashPath() {}

  /// The shortest equal path: no empty or `.` parts, `..` taken back where possible; `.` for
  /// nothing.
  public static String clean(String path) {
    boolean rooted = path.startsWith("/");
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/")) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (!part.equals("..")) {
        parts.addLast(part);
      } else if (!parts.isEmpty() && !parts.getLast().equals("..")) {
        parts.removeLast();
      } else if (!rooted) {
        parts.addLast(part);
      }
    }
    String joined = String.join("/", parts);
    return rooted ? "/" + joined : joined.isEmpty() ? "." : joined;
  }

  /// The cleaned concatenation of all parts that are not empty; empty when all are.
  public static String join(String... parts) {
    StringBuilder joined = new StringBuilder();
    for (String part : parts) {
      if (!part.isEmpty()) {
        joined.append(joined.isEmpty() ? "" : "/").append(part);
      }
    }
    return joined.isEmpty() ? "" : clean(joined.toString());
  }

  /// The last element; `.` for the empty path, `/` for the root.
  public static String base(String path) {
    String trimmed = path;
    while (trimmed.length() > 1 && trimmed.endsWith("/")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1);
    }
    if (trimmed.isEmpty()) {
      return ".";
    }
    return trimmed.equals("/") ? "/" : trimmed.substring(trimmed.lastIndexOf('/') + 1);
  }

  /// Everything before the last element; `.` when there is nothing.
  public static String directory(String path) {
    int slash = path.lastIndexOf('/');
    return clean(slash < 0 ? "" : path.substring(0, slash + 1));
  }
}
