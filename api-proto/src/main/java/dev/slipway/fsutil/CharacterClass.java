package dev.slipway.fsutil;

import java.util.ArrayList;
import java.util.List;

/// Reads `[…]` of a pattern.
///
/// @param next where the pattern goes on
record CharacterClass(GlobToken.Characters token, int next) {
  /// @param start of the opening bracket
  /// @param slash whether a negated class takes a slash
  static CharacterClass parse(int[] pattern, int start, boolean slash) {
    int at = start + 1;
    boolean negated = at < pattern.length && pattern[at] == '^';
    if (negated) {
      at++;
    }
    List<Integer> ranges = new ArrayList<>();
    boolean first = true;
    while (at < pattern.length && (pattern[at] != ']' || first)) {
      first = false;
      at = skipEscape(pattern, at);
      int low = pattern[at++];
      int high = low;
      if (at + 1 < pattern.length && pattern[at] == '-' && pattern[at + 1] != ']') {
        at = skipEscape(pattern, at + 1);
        high = pattern[at++];
      }
      if (high < low) {
        throw Glob.malformed(pattern);
      }
      ranges.add(low);
      ranges.add(high);
    }
    if (at >= pattern.length) {
      throw Glob.malformed(pattern);
    }
    int[] pairs = ranges.stream().mapToInt(Integer::intValue).toArray();
    return new CharacterClass(new GlobToken.Characters(pairs, negated, slash), at + 1);
  }

  private static int skipEscape(int[] pattern, int at) {
    if (pattern[at] != '\\') {
      return at;
    }
    if (at + 1 >= pattern.length) {
      throw Glob.malformed(pattern);
    }
    return at + 1;
  }
}
