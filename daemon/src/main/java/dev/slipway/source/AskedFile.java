package dev.slipway.source;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.kernel.Kernel;
import java.nio.file.Path;
import java.util.Map;

/// How a source that is one file is asked to look.
///
/// @param filename empty: the source's choice
/// @param perm permission bits as given, 0: 0600
public record AskedFile(String filename, long perm, long uid, long gid) {
  private static final int DEFAULT_PERMISSIONS = 0600;

  /// @throws InvalidRequest an attribute is no number
  public static AskedFile of(Map<String, String> attributes) {
    return new AskedFile(
        attributes.getOrDefault("http.filename", ""),
        number(attributes, "http.perm"),
        number(attributes, "http.uid"),
        number(attributes, "http.gid"));
  }

  /// Decimal, octal with a leading zero, or hexadecimal, as Go's `strconv.ParseInt(v, 0, 64)` reads
  /// it.
  private static long number(Map<String, String> attributes, String name) {
    String text = attributes.getOrDefault(name, "0");
    String plain = text.startsWith("0o") ? "0" + text.substring(2) : text;
    try {
      long number = Long.decode(plain);
      if (number < 0 || number > 0xffff_ffffL) {
        throw new InvalidRequest("invalid value for " + name + ": " + text);
      }
      return number;
    } catch (NumberFormatException malformed) {
      throw new InvalidRequest("invalid value for " + name + ": " + text, malformed);
    }
  }

  /// Gives a file what is asked for.
  public void applyTo(Path file, long modifiedNanos, Kernel kernel) {
    if (uid != 0 || gid != 0) {
      kernel.setOwner(file, (int) uid, (int) gid);
    }
    kernel.setMode(file, perm == 0 ? DEFAULT_PERMISSIONS : (int) (perm & 0777));
    kernel.setModifiedTime(file, modifiedNanos);
  }

  /// The last part of a path, as a name that never leads out of its directory; `download` where it
  /// is no name.
  public static String safeName(String path) {
    String trimmed = path.strip();
    int end = trimmed.length();
    while (end > 0 && trimmed.charAt(end - 1) == '/') {
      end--;
    }
    String name = trimmed.substring(trimmed.lastIndexOf('/', end - 1) + 1, end);
    boolean unusable =
        name.isEmpty()
            || name.equals(".")
            || name.equals("..")
            || name.chars().anyMatch(Character::isISOControl);
    return unusable ? "download" : name;
  }
}
