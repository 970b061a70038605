package dev.slipway.fsutil;

import java.util.ArrayList;
import java.util.List;

/// Reads a `.dockerignore` file: one pattern a line, `#` begins a comment line, a slash in front
/// means nothing.
///
/// Source: `moby/patternmatcher`, `ignorefile`.
public final class IgnoreFile {
  private IgnoreFile() {}

  /// The patterns, for [PatternMatcher#of(List)].
  public static List<String> parse(String text) {
    String content = text.startsWith("\ufeff") ? text.substring(1) : text;
    List<String> patterns = new ArrayList<>();
    content.lines().filter(line -> !line.startsWith("#")).forEach(line -> add(line, patterns));
    return patterns;
  }

  private static void add(String line, List<String> patterns) {
    String pattern = line.strip();
    if (pattern.isEmpty()) {
      return;
    }
    boolean exception = pattern.startsWith("!");
    String rest = exception ? pattern.substring(1).strip() : pattern;
    if (!rest.isEmpty()) {
      rest = TreePaths.clean(rest);
      rest = rest.length() > 1 && rest.startsWith("/") ? rest.substring(1) : rest;
    }
    patterns.add(exception ? "!" + rest : rest);
  }
}
