package dev.slipway.frontend.dockerfile.ignore;

import dev.slipway.frontend.dockerfile.source.Blanks;
import java.util.ArrayList;
import java.util.List;

/// Reads an ignore file.
public final class IgnoreFile {
  private IgnoreFile() {}

  /// The patterns in order, as they are sent to clients: cleaned, without a leading slash, `!` kept
  /// in front.
  public static List<String> parse(String text) {
    List<String> patterns = new ArrayList<>();
    String body = text.startsWith("\ufeff") ? text.substring(1) : text;
    for (String line : body.split("\n", -1)) {
      if (line.startsWith("#")) {
        continue;
      }
      String pattern = Blanks.trim(line);
      if (!pattern.isEmpty()) {
        boolean exception = pattern.startsWith("!");
        patterns.add(exception ? "!" + normal(Blanks.trim(pattern.substring(1))) : normal(pattern));
      }
    }
    return patterns;
  }

  private static String normal(String pattern) {
    if (pattern.isEmpty()) {
      return pattern;
    }
    String clean = SlashPath.clean(pattern);
    return clean.length() > 1 && clean.startsWith("/") ? clean.substring(1) : clean;
  }
}
