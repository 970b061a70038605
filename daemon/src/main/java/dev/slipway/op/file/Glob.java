package dev.slipway.op.file;

/// Matches one path component against a shell pattern: `*`, `?`, `[a-z]`, `[^a-z]`, `\` to escape. Semantics of Go's `path/filepath.Match`,
/// which BuildKit's clients count on; a malformed pattern matches nothing.
final class Glob {
  private Glob() {}

  /// True when the text holds a character that would be matched rather than compared.
  static boolean isPattern(String text) {
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '\\' -> i++;
        case '*', '?', '[' -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  static boolean matches(String pattern, String name) {
    return matches(pattern, 0, name, 0);
  }

  private static boolean matches(String pattern, int patternAt, String name, int nameAt) {
    int p = patternAt;
    int n = nameAt;
    while (p < pattern.length()) {
      char c = pattern.charAt(p);
      if (c == '*') {
        int next = p;
        while (next < pattern.length() && pattern.charAt(next) == '*') {
          next++;
        }
        for (int rest = n; rest <= name.length(); rest++) {
          if (matches(pattern, next, name, rest)) {
            return true;
          }
        }
        return false;
      }
      if (n == name.length()) {
        return false;
      }
      int point = name.codePointAt(n);
      switch (c) {
        case '?' -> p++;
        case '[' -> {
          int end = matchSet(pattern, p, point);
          if (end < 0) {
            return false;
          }
          p = end;
        }
        default -> {
          if (c == '\\' && ++p == pattern.length()) {
            return false;
          }
          if (pattern.codePointAt(p) != point) {
            return false;
          }
          p += Character.charCount(point);
        }
      }
      n += Character.charCount(point);
    }
    return n == name.length();
  }

  /// @return where the pattern goes on after the set, negative when the character is not in it or the set is malformed
  private static int matchSet(String pattern, int open, int point) {
    int p = open + 1;
    boolean negated = p < pattern.length() && pattern.charAt(p) == '^';
    if (negated) {
      p++;
    }
    boolean found = false;
    boolean empty = true;
    while (p < pattern.length() && (pattern.charAt(p) != ']' || empty)) {
      empty = false;
      int[] low = setMember(pattern, p);
      int[] high = low;
      if (low[1] >= 0 && low[1] < pattern.length() && pattern.charAt(low[1]) == '-') {
        high = setMember(pattern, low[1] + 1);
      }
      if (low[1] < 0 || high[1] < 0) {
        return -1;
      }
      p = high[1];
      found |= low[0] <= point && point <= high[0];
    }
    return p < pattern.length() && found != negated ? p + 1 : -1;
  }

  /// @return the character and where the pattern goes on; the latter negative when there is none
  private static int[] setMember(String pattern, int at) {
    int p = at < pattern.length() && pattern.charAt(at) == '\\' ? at + 1 : at;
    if (p >= pattern.length() || (p == at && (pattern.charAt(p) == '-' || pattern.charAt(p) == ']'))) {
      return new int[] {0, -1};
    }
    int point = pattern.codePointAt(p);
    return new int[] {point, p + Character.charCount(point)};
  }
}
