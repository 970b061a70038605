package dev.slipway.usage;

import java.util.Optional;

/// What waiting for a resource costs, as the kernel tells it (`Documentation/accounting/psi.rst`).
///
/// @param some at least one task waited
/// @param full every task waited
public record Pressure(Optional<Share> some, Optional<Share> full) {

  /// @param avg10 percent of the last ten seconds; likewise of the last minute and five minutes
  /// @param total microseconds since the beginning
  public record Share(double avg10, double avg60, double avg300, long total) {}

  /// Reads a pressure file's text. Lines that say something else are passed over.
  public static Pressure parse(String text) {
    Optional<Share> some = Optional.empty();
    Optional<Share> full = Optional.empty();
    for (String line : text.lines().toList()) {
      if (line.startsWith("some ")) {
        some = share(line);
      } else if (line.startsWith("full ")) {
        full = share(line);
      }
    }
    return new Pressure(some, full);
  }

  private static Optional<Share> share(String line) {
    try {
      return Optional.of(
          new Share(
              Double.parseDouble(field(line, "avg10=")),
              Double.parseDouble(field(line, "avg60=")),
              Double.parseDouble(field(line, "avg300=")),
              Long.parseLong(field(line, "total="))));
    } catch (NumberFormatException unknown) {
      return Optional.empty();
    }
  }

  private static String field(String line, String name) {
    int start = line.indexOf(name);
    if (start < 0) {
      return "";
    }
    int end = line.indexOf(' ', start);
    return line.substring(start + name.length(), end < 0 ? line.length() : end);
  }
}
