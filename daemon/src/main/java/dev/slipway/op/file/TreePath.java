package dev.slipway.op.file;

import java.nio.file.Path;

/// Paths as definitions write them: absolute in a tree, where a slash or `/.` at the end carries
/// meaning.
final class TreePath {
  private TreePath() {}

  /// Normal form that keeps a final `/` or `/.`.
  static String clean(String path) {
    String normal = Path.of("/" + path).normalize().toString();
    if (path.endsWith("/.")) {
      return normal.equals("/") ? "/." : normal + "/.";
    }
    return path.endsWith("/") && !normal.equals("/") ? normal + "/" : normal;
  }

  /// The part that must be there as a directory: all but a last name.
  static String directoryOf(String clean) {
    int slash = clean.lastIndexOf('/');
    String last = clean.substring(slash + 1);
    return last.isEmpty() || last.equals(".") ? clean : clean.substring(0, slash + 1);
  }

  /// The name an entry keeps when it is copied into a directory; none for the root and for `…/.`.
  static String lastName(String clean) {
    String trimmed = clean.endsWith("/") ? clean.substring(0, clean.length() - 1) : clean;
    String last = trimmed.substring(trimmed.lastIndexOf('/') + 1);
    return last.equals(".") ? "" : last;
  }
}
