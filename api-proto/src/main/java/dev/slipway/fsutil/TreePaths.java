package dev.slipway.fsutil;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Relative paths with slashes: their clean form and their order.
public final class TreePaths {
  /// Component by component, each by the bytes of its UTF-8 form: a directory is followed at once
  /// by what is in it.
  public static final Comparator<String> ORDER = TreePaths::compare;

  private TreePaths() {}

  /// The shortest path that means the same (Go's `path.Clean`): `.` for nothing, no `..` at a root.
  public static String clean(String path) {
    if (isClean(path)) {
      return path;
    }
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

  /// True for a relative path without empty, `.` or `..` components.
  static boolean isClean(String path) {
    if (path.isEmpty()) {
      return false;
    }
    int start = 0;
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      int length = end - start;
      if (length == 0
          || (length == 1 && path.charAt(start) == '.')
          || (length == 2 && path.charAt(start) == '.' && path.charAt(start + 1) == '.')) {
        return false;
      }
      start = end + 1;
    }
    return true;
  }

  /// The directory that holds the path; empty for the root.
  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  private static int compare(String one, String other) {
    int length = Math.min(one.length(), other.length());
    for (int i = 0; i < length; i++) {
      char a = one.charAt(i);
      char b = other.charAt(i);
      if (a != b) {
        if (a == '/') {
          return -1;
        }
        if (b == '/') {
          return 1;
        }
        return rank(a) - rank(b);
      }
    }
    return one.length() - other.length();
  }

  /// UTF-16 has surrogates below the last characters of the basic plane; UTF-8 has them above.
  private static int rank(char c) {
    if (c < 0xd800) {
      return c;
    }
    return c < 0xe000 ? c + 0x2000 : c - 0x800;
  }
}
