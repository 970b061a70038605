package dev.slipway.frontend.dockerfile.shell;

import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.BitSet;

/// A shell pattern of `${name#pattern}` and its kin: `*` is any text, `?` any one character,
/// neither crosses a line.
///
/// Matching follows all ways through the pattern at once, so the time is bounded by pattern times
/// text whatever the pattern; a translation to [java.util.regex] would not be.
final class Wildcard {
  private static final int ANY_TEXT = -1;
  private static final int ANY_CHARACTER = -2;

  private final int[] tokens;

  private Wildcard(int[] tokens) {
    this.tokens = tokens;
  }

  static Wildcard parse(String pattern) {
    int[] source = pattern.codePoints().toArray();
    int[] tokens = new int[source.length];
    int count = 0;
    for (int i = 0; i < source.length; i++) {
      if (source[i] == '*') {
        tokens[count++] = ANY_TEXT;
      } else if (source[i] == '?') {
        tokens[count++] = ANY_CHARACTER;
      } else if (source[i] == '\\') {
        i++;
        int next = i < source.length ? source[i] : 0xfffd;
        if (next != '*' && next != '?' && next != '\\' && next != '}' && next != '/') {
          throw new DockerfileError(
              "invalid pattern ("
                  + pattern
                  + ") in substitution: invalid escape '\\"
                  + Character.toString(next)
                  + "'");
        }
        tokens[count++] = next;
      } else {
        tokens[count++] = source[i];
      }
    }
    int[] trimmed = new int[count];
    System.arraycopy(tokens, 0, trimmed, 0, count);
    return new Wildcard(trimmed);
  }

  /// Ends of all matches that begin at `from`, as positions in `text`.
  BitSet ends(int[] text, int from) {
    BitSet ends = new BitSet();
    BitSet states = closure(bit(0));
    for (int position = from; !states.isEmpty(); position++) {
      if (states.get(tokens.length)) {
        ends.set(position);
      }
      if (position == text.length) {
        break;
      }
      states = step(states, text[position]);
    }
    return ends;
  }

  private BitSet step(BitSet states, int character) {
    BitSet next = new BitSet();
    for (int state = states.nextSetBit(0);
        state >= 0 && state < tokens.length;
        state = states.nextSetBit(state + 1)) {
      int token = tokens[state];
      if (token == ANY_TEXT && character != '\n') {
        next.set(state);
      } else if (token == character || (token == ANY_CHARACTER && character != '\n')) {
        next.set(state + 1);
      }
    }
    return closure(next);
  }

  /// Any text may be no text.
  private BitSet closure(BitSet states) {
    for (int state = states.nextSetBit(0);
        state >= 0 && state < tokens.length;
        state = states.nextSetBit(state + 1)) {
      if (tokens[state] == ANY_TEXT) {
        states.set(state + 1);
      }
    }
    return states;
  }

  private static BitSet bit(int index) {
    BitSet bits = new BitSet();
    bits.set(index);
    return bits;
  }

  /// `text` without the shortest or longest beginning that matches.
  String trimStart(String text, Reach reach) {
    int[] characters = text.codePoints().toArray();
    BitSet ends = ends(characters, 0);
    if (ends.isEmpty()) {
      return text;
    }
    int end = reach == Reach.LONGEST ? ends.length() - 1 : ends.nextSetBit(0);
    return new String(characters, end, characters.length - end);
  }

  /// `text` without the shortest or longest ending that matches.
  String trimEnd(String text, Reach reach) {
    int[] characters = text.codePoints().toArray();
    for (int i = 0; i <= characters.length; i++) {
      int from = reach == Reach.LONGEST ? i : characters.length - i;
      if (ends(characters, from).get(characters.length)) {
        return new String(characters, 0, from);
      }
    }
    return text;
  }

  /// `text` with the first or every match, each as long as possible, replaced.
  String replace(String text, String replacement, Occurrences occurrences) {
    int[] characters = text.codePoints().toArray();
    StringBuilder out = new StringBuilder();
    int copied = 0;
    int lastEnd = -1;
    for (int from = 0; from <= characters.length; ) {
      BitSet ends = ends(characters, from);
      int end = ends.length() - 1;
      if (ends.isEmpty() || (end == from && from == lastEnd)) {
        from++;
        continue;
      }
      out.append(new String(characters, copied, from - copied)).append(replacement);
      copied = end;
      lastEnd = end;
      from = Math.max(end, from + (end == from ? 1 : 0));
      if (occurrences == Occurrences.FIRST) {
        break;
      }
    }
    return out.append(new String(characters, copied, characters.length - copied)).toString();
  }

  enum Reach {
    SHORTEST,
    LONGEST
  }

  enum Occurrences {
    FIRST,
    ALL
  }
}
