package dev.slipway.frontend.dockerfile.ignore;

import dev.slipway.frontend.dockerfile.source.Blanks;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Patterns in order; the last that matches decides.
public final class IgnoreMatcher {
  private static final Set<String> EVERYTHING = Set.of("*", "**", "**/*");

  private final List<Rule> rules;

  private IgnoreMatcher(List<Rule> rules) {
    this.rules = rules;
  }

  /// @param exception whether what matches is sent after all
  private record Rule(IgnorePattern pattern, boolean exception) {}

  /// Fails when a pattern is malformed.
  public static IgnoreMatcher of(List<String> patterns) {
    List<Rule> rules = new ArrayList<>();
    for (String written : patterns) {
      String trimmed = Blanks.trim(written);
      if (trimmed.isEmpty()) {
        continue;
      }
      String clean = SlashPath.clean(trimmed);
      if (clean.equals("!")) {
        throw new DockerfileError("illegal exclusion pattern: \"!\"");
      }
      boolean exception = clean.startsWith("!");
      rules.add(new Rule(IgnorePattern.parse(exception ? clean.substring(1) : clean), exception));
    }
    return new IgnoreMatcher(rules);
  }

  public boolean hasExceptions() {
    return rules.stream().anyMatch(Rule::exception);
  }

  /// Whether a pattern plainly leaves out all there is.
  public boolean ignoresEverything() {
    return rules.stream()
        .anyMatch(rule -> !rule.exception() && EVERYTHING.contains(rule.pattern().toString()));
  }

  /// Whether a file, or a directory above it, is left out.
  ///
  /// @param path relative to the context
  public boolean ignores(String path) {
    boolean ignored = false;
    for (Rule rule : rules) {
      if (rule.exception() == ignored && matchesPathOrParent(rule.pattern(), path)) {
        ignored = !rule.exception();
      }
    }
    return ignored;
  }

  private static boolean matchesPathOrParent(IgnorePattern pattern, String path) {
    if (pattern.matches(path)) {
      return true;
    }
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (pattern.matches(path.substring(0, slash))) {
        return true;
      }
    }
    return false;
  }
}
