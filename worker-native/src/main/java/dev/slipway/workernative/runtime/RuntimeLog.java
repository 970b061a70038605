package dev.slipway.workernative.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the runtime wrote about itself: lines like `time="…" level=error msg="…"`.
final class RuntimeLog {
  private static final int MOST_BYTES = 1 << 20;

  private RuntimeLog() {}

  /// Its last complaint, or that there is none.
  static String lastError(Path log) {
    try {
      if (Files.size(log) > MOST_BYTES) {
        return "the runtime's log is too long";
      }
      List<String> lines =
          Files.readAllLines(log).stream().filter(line -> !line.isBlank()).toList();
      if (lines.isEmpty()) {
        return "the runtime gave no reason";
      }
      String last = lines.getLast();
      int message = last.indexOf("msg=\"");
      return message < 0
          ? last
          : last.substring(message + 5, Math.max(message + 5, last.length() - 1))
              .replace("\\\"", "\"");
    } catch (IOException absent) {
      return "the runtime gave no reason";
    }
  }
}
