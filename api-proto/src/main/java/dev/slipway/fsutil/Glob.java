package dev.slipway.fsutil;

import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.List;

/// A shell pattern over one path: `*` and `?` stop at slashes, `[a-c]`, `[^a-c]`, `\` takes the
/// next character as it is.
///
/// Source: Go `path/filepath`, `Match`, on Unix.
public final class Glob {
  private final GlobToken[] tokens;

  private Glob(GlobToken[] tokens) {
    this.tokens = tokens;
  }

  /// @throws InvalidRequest the pattern is malformed
  public static Glob parse(String pattern) {
    int[] text = pattern.codePoints().toArray();
    List<GlobToken> tokens = new ArrayList<>();
    int at = 0;
    while (at < text.length) {
      switch (text[at]) {
        case '*' -> {
          tokens.add(new GlobToken.Star());
          at++;
        }
        case '?' -> {
          tokens.add(new GlobToken.AnyCharacter());
          at++;
        }
        case '[' -> {
          CharacterClass parsed = CharacterClass.parse(text, at, false);
          tokens.add(parsed.token());
          at = parsed.next();
        }
        case '\\' -> {
          if (at + 1 >= text.length) {
            throw malformed(text);
          }
          tokens.add(new GlobToken.Literal(text[at + 1]));
          at += 2;
        }
        default -> tokens.add(new GlobToken.Literal(text[at++]));
      }
    }
    return new Glob(tokens.toArray(GlobToken[]::new));
  }

  public boolean matches(String path) {
    return GlobToken.matches(tokens, path.codePoints().toArray());
  }

  /// Whether a text means more than itself as a pattern.
  public static boolean hasWildcards(String text) {
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '\\' -> i++;
        case '*', '?', '[' -> {
          return true;
        }
        default -> {
          // stands for itself
        }
      }
    }
    return false;
  }

  static InvalidRequest malformed(int[] pattern) {
    String text = new String(pattern, 0, Math.min(pattern.length, 200));
    return new InvalidRequest("syntax error in pattern \"" + text + '"');
  }
}
