package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.ignore.SlashPath;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;

/// Paths inside an image, by the rules of the image's operating system. On Windows backslashes
/// separate too, and a drive letter, which must be that of the system drive, is dropped.
final class TargetPath {
  private TargetPath() {}

  static boolean isAbsolute(String path, String os) {
    return slashes(withoutDrive(path, os, false), os).startsWith("/");
  }

  static String slashes(String path, String os) {
    return os.equals("windows") ? path.replace('\\', '/') : path;
  }

  /// The path as seen from `parent`: absolute, with forward slashes. An absolute path stays as
  /// written.
  ///
  /// @param keepEnd whether a `/` or `/.` at the end, which copies give a meaning, is kept
  static String resolve(String parent, String path, String os, boolean keepEnd) {
    String written = slashes(path, os);
    String from = withoutDrive(slashes(parent.isEmpty() ? "/" : parent, os), os, keepEnd);
    if (!from.startsWith("/")) {
      from = SlashPath.join("/", from);
    }
    String result = withoutDrive(written.isEmpty() ? from : written, os, keepEnd);
    if (!result.startsWith("/")) {
      result = SlashPath.join(from, result);
    }
    return keepEnd ? withEndOf(written, result) : result;
  }

  /// `path` ending like `written` where cleaning took the end away.
  static String withEndOf(String written, String path) {
    if (written.endsWith("/") && !path.endsWith("/")) {
      return path + "/";
    }
    if (written.endsWith("/.")) {
      return (path.equals("/") ? path : path + "/") + ".";
    }
    return path;
  }

  static String withoutDrive(String path, String os, boolean keepEnd) {
    if (!os.equals("windows")) {
      return path;
    }
    if (path.length() == 2 && path.charAt(1) == ':') {
      throw problem("No relative path specified in " + GoText.quote(path));
    }
    if (slashes(path, os).startsWith("//")) {
      throw problem("UNC paths are not supported");
    }
    int colon = path.indexOf(':');
    if (colon >= 0 && !path.substring(0, colon).equalsIgnoreCase("c")) {
      throw problem("The specified path is not on the system drive (C:)");
    }
    String rest = slashes(path.substring(colon + 1), os);
    String clean = SlashPath.clean(rest);
    return keepEnd && clean.length() > 1 && rest.endsWith("/") ? clean + "/" : clean;
  }

  private static DockerfileError problem(String what) {
    return new DockerfileError("removing drive letter: " + what);
  }
}
