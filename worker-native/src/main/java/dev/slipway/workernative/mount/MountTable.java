package dev.slipway.workernative.mount;

import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What is mounted where (proc_pid_mountinfo(5)).
public final class MountTable {
  private static final Path SOURCE = Path.of("/proc/self/mountinfo");

  private MountTable() {}

  /// Mount points at or below the directory, in the order they were mounted.
  public static List<Path> below(Path directory) {
    List<Path> found = new ArrayList<>();
    try {
      // Bytes that are not UTF-8 in other people's mount points must not stop us, so decode
      // leniently.
      for (String line :
          new String(Files.readAllBytes(SOURCE), StandardCharsets.UTF_8).split("\n")) {
        String[] fields = line.split(" ", 6);
        if (fields.length == 6) {
          Path point = Path.of(unescape(fields[4]));
          if (point.startsWith(directory)) {
            found.add(point);
          }
        }
      }
    } catch (IOException failed) {
      throw new WrongState("cannot read " + SOURCE + ": " + failed.getMessage(), failed);
    }
    return found;
  }

  /// The kernel writes space, tab, newline and backslash as three octal digits.
  static String unescape(String field) {
    if (field.indexOf('\\') < 0) {
      return field;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      if (field.charAt(i) == '\\' && i + 3 < field.length()) {
        text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        text.append(field.charAt(i));
      }
    }
    return text.toString();
  }
}
