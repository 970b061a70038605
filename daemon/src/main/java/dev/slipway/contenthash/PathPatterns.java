package dev.slipway.contenthash;

import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Include or exclude patterns, as `.dockerignore` and BuildKit's copy have them: one matches a
/// path or everything below it, `**` matches any number of directories, a later `!pattern` takes
/// back what an earlier one matched.
///
/// Walking a tree, hand the parent's [Found] to each child: a pattern that matched above is not
/// tried again. Source: moby/patternmatcher `MatchesUsingParentResults`. Immutable.
final class PathPatterns {
  private final List<One> patterns;

  private record One(boolean exception, Pattern regex) {}

  /// Which patterns matched a path or something above it. Empty: nothing is known. Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Found(boolean[] matched) {
    static final Found NOTHING = new Found(new boolean[0]);
  }

  /// @param matches the verdict
  record Verdict(boolean matches, Found found) {}

  private PathPatterns(List<One> patterns) {
    this.patterns = patterns;
  }

  /// @throws InvalidRequest malformed pattern
  static PathPatterns parse(List<String> texts) {
    List<One> parsed = new ArrayList<>();
    for (String text : texts) {
      String pattern = text.strip();
      if (pattern.isEmpty()) {
        continue;
      }
      pattern = clean(pattern);
      boolean exception = pattern.startsWith("!");
      if (exception) {
        pattern = pattern.substring(1);
        if (pattern.isEmpty()) {
          throw new InvalidRequest("illegal exclusion pattern: \"!\"");
        }
      }
      Wildcard.check(pattern);
      parsed.add(new One(exception, regex(pattern)));
    }
    return new PathPatterns(parsed);
  }

  boolean isEmpty() {
    return patterns.isEmpty();
  }

  /// @param path relative, without leading slash
  /// @param above what was found for the directory the path is in
  Verdict match(String path, Found above) {
    boolean[] matched = new boolean[patterns.size()];
    boolean verdict = false;
    for (int i = 0; i < matched.length; i++) {
      One one = patterns.get(i);
      boolean match = above.matched().length > 0 && above.matched()[i];
      if (!match) {
        if (one.exception() != verdict) {
          continue;
        }
        match =
            one.regex().matcher(path).matches()
                || (above.matched().length == 0 && matchesParent(one.regex(), path));
      }
      matched[i] = match;
      if (match) {
        verdict = !one.exception();
      }
    }
    return new Verdict(verdict, new Found(matched));
  }

  private static boolean matchesParent(Pattern regex, String path) {
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (regex.matcher(path.substring(0, slash)).matches()) {
        return true;
      }
    }
    return false;
  }

  private static Pattern regex(String pattern) {
    if (pattern.startsWith("**")
        && !pattern.startsWith("**/")
        && !Wildcard.hasWildcards(pattern.substring(2))) {
      return compiled(
          ".*"
              + Pattern.quote(
                  pattern.substring(2))); // a surprise: `**x` matches `yx` too, but `**x*` does not
    }
    StringBuilder regex = new StringBuilder();
    int i = 0;
    while (i < pattern.length()) {
      int c = pattern.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '*' -> {
          if (i < pattern.length() && pattern.charAt(i) == '*') {
            i++;
            if (i < pattern.length() && pattern.charAt(i) == '/') {
              i++;
            }
            regex.append(i == pattern.length() ? ".*" : "(?:.*/)?");
          } else {
            regex.append("[^/]*");
          }
        }
        case '?' -> regex.append("[^/]");
        case '[' -> i = appendClass(pattern, i, regex);
        case '\\' -> {
          if (i < pattern.length()) {
            int escaped = pattern.codePointAt(i);
            regex.append(Pattern.quote(Character.toString(escaped)));
            i += Character.charCount(escaped);
          }
        }
        default -> regex.append(Pattern.quote(Character.toString(c)));
      }
    }
    return compiled(regex.toString());
  }

  private static Pattern compiled(String regex) {
    try {
      return Pattern.compile(regex, Pattern.UNIX_LINES);
    } catch (PatternSyntaxException malformed) {
      throw new InvalidRequest("syntax error in pattern");
    }
  }

  /// A class in brackets; inside it Java knows operators that patterns do not.
  private static int appendClass(String pattern, int start, StringBuilder regex) {
    regex.append('[');
    int i = start;
    if (i < pattern.length() && pattern.charAt(i) == '^') {
      regex.append('^');
      i++;
    }
    boolean first = true;
    while (i < pattern.length() && (first || pattern.charAt(i) != ']')) {
      first = false;
      char c = pattern.charAt(i++);
      if (c == '\\' && i < pattern.length()) {
        c = pattern.charAt(i++);
        regex.append('\\').append(c);
      } else if (c == '[' || c == '&' || c == '^' || c == ']') {
        regex.append('\\').append(c);
      } else {
        regex.append(c);
      }
    }
    if (i >= pattern.length()) {
      throw new InvalidRequest("syntax error in pattern");
    }
    regex.append(']');
    return i + 1;
  }

  /// Go's `filepath.Clean`: no empty, `.` and inner `..` components.
  static String clean(String path) {
    boolean rooted = path.startsWith("/");
    List<String> kept = new ArrayList<>();
    for (String part : path.split("/")) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        if (!kept.isEmpty() && !kept.getLast().equals("..")) {
          kept.removeLast();
          continue;
        }
        if (rooted) {
          continue;
        }
      }
      kept.add(part);
    }
    String joined = String.join("/", kept);
    return rooted ? "/" + joined : joined.isEmpty() ? "." : joined;
  }
}
