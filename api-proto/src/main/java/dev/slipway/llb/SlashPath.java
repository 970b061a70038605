package dev.slipway.llb;

import java.util.ArrayList;
import java.util.List;

/// Paths with slashes, cleaned as text (as Go's `path.Clean` does); the file system is never asked.
final class SlashPath {
  private SlashPath() {}

  /// The shortest path that means the same: `.` for nothing, no `..` at a root.
  static String clean(String path) {
    boolean absolute = path.startsWith("/");
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        if (!parts.isEmpty() && !parts.getLast().equals("..")) {
          parts.removeLast();
        } else if (!absolute) {
          parts.add(part);
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    String joined = String.join("/", parts);
    if (absolute) {
      return "/" + joined;
    }
    return joined.isEmpty() ? "." : joined;
  }

  static String absolute(String path) {
    return clean("/" + path);
  }

  /// As [#absolute(String)], but a slash or `/.` at the end stays.
  static String absoluteKeepingEnd(String path) {
    String absolute = absolute(path);
    if (path.endsWith("/") && !absolute.endsWith("/")) {
      return absolute + "/";
    }
    if (path.endsWith("/.")) {
      return (absolute.equals("/") ? "" : absolute) + "/.";
    }
    return absolute;
  }
}
