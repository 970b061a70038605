package dev.slipway.contenthash;

import dev.slipway.failure.InvalidRequest;

/// Shell patterns as Go's `path.Match` has them: `*` any text without slash, `?` one character but
/// slash, `[a-z]` and `[^a-z]` classes, `\` takes the next character as it is. The whole path must
/// match.
final class Wildcard {
  private Wildcard() {}

  static boolean hasWildcards(String text) {
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '*', '?', '[' -> {
          return true;
        }
        case '\\' -> i++;
        default -> {}
      }
    }
    return false;
  }

  /// @throws InvalidRequest malformed pattern
  static boolean matches(String pattern, String path) {
    check(pattern);
    return matches(pattern.codePoints().toArray(), 0, path.codePoints().toArray(), 0);
  }

  private static boolean matches(int[] pattern, int p, int[] text, int t) {
    while (p < pattern.length) {
      switch (pattern[p]) {
        case '*' -> {
          while (p < pattern.length && pattern[p] == '*') {
            p++;
          }
          for (int end = t; ; end++) {
            if (matches(pattern, p, text, end)) {
              return true;
            }
            if (end >= text.length || text[end] == '/') {
              return false;
            }
          }
        }
        case '?' -> {
          if (t >= text.length || text[t] == '/') {
            return false;
          }
          p++;
          t++;
        }
        case '[' -> {
          int end = endOfClass(pattern, p);
          if (t >= text.length || text[t] == '/' || !inClass(pattern, p + 1, end, text[t])) {
            return false;
          }
          p = end + 1;
          t++;
        }
        default -> {
          int literal = p;
          if (pattern[p] == '\\') {
            literal = p + 1;
            if (literal >= pattern.length) {
              throw malformed();
            }
          }
          if (t >= text.length || text[t] != pattern[literal]) {
            return false;
          }
          p = literal + 1;
          t++;
        }
      }
    }
    return t == text.length;
  }

  /// @param start where the class opens
  /// @return where it closes
  private static int endOfClass(int[] pattern, int start) {
    int i = start + 1;
    if (i < pattern.length && pattern[i] == '^') {
      i++;
    }
    boolean first = true;
    while (first || (i < pattern.length && pattern[i] != ']')) {
      first = false;
      i = endOfBound(pattern, i);
      if (i < pattern.length && pattern[i] == '-') {
        i = endOfBound(pattern, i + 1);
      }
    }
    if (i >= pattern.length) {
      throw malformed();
    }
    return i;
  }

  /// One end of a range; `-` and `]` need a backslash there.
  private static int endOfBound(int[] pattern, int start) {
    int i = start;
    if (i >= pattern.length || pattern[i] == '-' || pattern[i] == ']') {
      throw malformed();
    }
    if (pattern[i] == '\\') {
      i++;
    }
    if (i >= pattern.length) {
      throw malformed();
    }
    return i + 1;
  }

  /// @throws InvalidRequest malformed pattern
  static void check(String text) {
    int[] pattern = text.codePoints().toArray();
    int i = 0;
    while (i < pattern.length) {
      switch (pattern[i]) {
        case '[' -> i = endOfClass(pattern, i) + 1;
        case '\\' -> {
          if (i + 1 >= pattern.length) {
            throw malformed();
          }
          i += 2;
        }
        default -> i++;
      }
    }
  }

  private static boolean inClass(int[] pattern, int from, int end, int character) {
    int i = from;
    boolean negated = i < end && pattern[i] == '^';
    if (negated) {
      i++;
    }
    boolean found = false;
    while (i < end) {
      if (pattern[i] == '\\') {
        i++;
      }
      int low = pattern[i++];
      int high = low;
      if (i + 1 < end && pattern[i] == '-') {
        i++;
        if (pattern[i] == '\\') {
          i++;
        }
        high = pattern[i++];
      }
      found |= low <= character && character <= high;
    }
    return found != negated;
  }

  private static InvalidRequest malformed() {
    return new InvalidRequest("syntax error in pattern");
  }
}
