package dev.slipway.frontend.dockerfile.ignore;

import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/// One pattern of an ignore file: `*` and `?` stay within a path element, `**` crosses them.
///
/// Matching follows all ways through the pattern at once, so no pattern takes more than pattern
/// times path steps. It gives the answers of moby's `patternmatcher`, which Docker's clients use,
/// including that `**name` at the start means "ends with name" as long as nothing else in the
/// pattern is special.
final class IgnorePattern {
  private final String text;
  private final Shape shape;
  private final List<Token> tokens;

  private IgnorePattern(String text, Shape shape, List<Token> tokens) {
    this.text = text;
    this.shape = shape;
    this.tokens = tokens;
  }

  private enum Shape {
    EXACT,
    PREFIX,
    SUFFIX,
    TOKENS
  }

  /// @param accepts which characters; for the deep kinds it is not asked
  private record Token(Kind kind, IntPredicate accepts) {}

  private enum Kind {
    ONE,
    ANY_NUMBER,
    /// Anything that ends with a slash, or nothing.
    DIRECTORIES,
    /// Anything.
    REST
  }

  @Override
  public String toString() {
    return text;
  }

  /// Fails when a bracket is left open.
  static IgnorePattern parse(String pattern) {
    int[] chars = pattern.codePoints().toArray();
    List<Token> tokens = new ArrayList<>();
    Shape shape = Shape.EXACT;
    for (int i = 0; i < chars.length; i++) {
      int ch = chars[i];
      if (ch == '*' && i + 1 < chars.length && chars[i + 1] == '*') {
        boolean first = tokens.isEmpty();
        i += i + 2 < chars.length && chars[i + 2] == '/' ? 2 : 1;
        boolean last = i + 1 == chars.length;
        tokens.add(new Token(last ? Kind.REST : Kind.DIRECTORIES, _ -> true));
        shape = first ? Shape.SUFFIX : last && shape == Shape.EXACT ? Shape.PREFIX : Shape.TOKENS;
      } else if (ch == '*') {
        tokens.add(new Token(Kind.ANY_NUMBER, character -> character != '/'));
        shape = Shape.TOKENS;
      } else if (ch == '?') {
        tokens.add(new Token(Kind.ONE, character -> character != '/'));
        shape = Shape.TOKENS;
      } else if (ch == '[') {
        i = bracket(chars, i, tokens);
        shape = Shape.TOKENS;
      } else {
        if (ch == '\\') {
          if (i + 1 == chars.length) {
            throw malformed();
          }
          ch = chars[++i];
          shape = Shape.TOKENS;
        }
        int literal = ch;
        tokens.add(new Token(Kind.ONE, character -> character == literal));
      }
    }
    return new IgnorePattern(pattern, shape, tokens);
  }

  /// Reads `[a-z]` or `[^a-z]` and gives the position of its end.
  private static int bracket(int[] chars, int open, List<Token> tokens) {
    int i = open + 1;
    boolean negated = i < chars.length && chars[i] == '^';
    if (negated) {
      i++;
    }
    BitSet members = new BitSet();
    boolean empty = true;
    while (i < chars.length && (chars[i] != ']' || empty)) {
      int low = chars[i] == '\\' && i + 1 < chars.length ? chars[++i] : chars[i];
      int high = low;
      if (i + 2 < chars.length && chars[i + 1] == '-' && chars[i + 2] != ']') {
        i += 2;
        high = chars[i] == '\\' && i + 1 < chars.length ? chars[++i] : chars[i];
      }
      if (high < low) {
        throw malformed();
      }
      members.set(low, high + 1);
      empty = false;
      i++;
    }
    if (i >= chars.length) {
      throw malformed();
    }
    tokens.add(new Token(Kind.ONE, character -> members.get(character) != negated));
    return i;
  }

  private static DockerfileError malformed() {
    return new DockerfileError("syntax error in pattern");
  }

  boolean matches(String path) {
    return switch (shape) {
      case EXACT -> path.equals(text);
      case PREFIX -> path.startsWith(text.substring(0, text.length() - 2));
      case SUFFIX -> {
        String suffix = text.substring(2);
        yield path.endsWith(suffix) || (suffix.startsWith("/") && path.equals(suffix.substring(1)));
      }
      case TOKENS -> matchesTokens(path);
    };
  }

  private boolean matchesTokens(String path) {
    BitSet states = new BitSet();
    states.set(0);
    // A state of DIRECTORIES may only be left at a slash once text was taken; the second half of
    // the set holds those.
    int inside = tokens.size() + 1;
    close(states);
    for (int ch : path.codePoints().toArray()) {
      BitSet next = new BitSet();
      for (int state = states.nextSetBit(0); state >= 0; state = states.nextSetBit(state + 1)) {
        int index = state % inside;
        if (index < tokens.size()) {
          step(tokens.get(index), index, ch, inside, next);
        }
      }
      close(next);
      states = next;
    }
    return states.get(tokens.size());
  }

  private static void step(Token token, int index, int ch, int inside, BitSet next) {
    switch (token.kind()) {
      case ONE -> {
        if (token.accepts().test(ch)) {
          next.set(index + 1);
        }
      }
      case ANY_NUMBER -> {
        if (token.accepts().test(ch)) {
          next.set(index);
        }
      }
      case REST -> next.set(index);
      case DIRECTORIES -> {
        next.set(inside + index);
        if (ch == '/') {
          next.set(index + 1);
        }
      }
    }
  }

  private void close(BitSet states) {
    for (int state = states.nextSetBit(0);
        state >= 0 && state < tokens.size();
        state = states.nextSetBit(state + 1)) {
      if (tokens.get(state).kind() != Kind.ONE) {
        states.set(state + 1);
      }
    }
  }
}
