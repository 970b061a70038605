package dev.slipway.fsutil;

import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.List;

/// One rule of a [PatternMatcher]: as a shell pattern, with `**` for any number of directories; `!`
/// in front makes it an exception.
///
/// Source: `moby/patternmatcher`, whose shortcuts (a pattern without wildcards, one that only ends
/// or begins with `**`) are part of what patterns mean.
final class Pattern {
  private enum Kind {
    EXACT,
    PREFIX,
    SUFFIX,
    TOKENS
  }

  private final String text;
  private final boolean exception;
  private final Kind kind;
  private final GlobToken[] tokens;

  private Pattern(String text, boolean exception, Kind kind, GlobToken[] tokens) {
    this.text = text;
    this.exception = exception;
    this.kind = kind;
    this.tokens = tokens;
  }

  /// @throws InvalidRequest the pattern is malformed
  static Pattern parse(String cleaned) {
    boolean exception = cleaned.startsWith("!");
    if (exception && cleaned.length() == 1) {
      throw new InvalidRequest("illegal exclusion pattern: \"!\"");
    }
    String text = exception ? cleaned.substring(1) : cleaned;
    Glob.parse(text);
    return new Compiler(text).compile(exception);
  }

  /// Without the `!`.
  String text() {
    return text;
  }

  boolean isException() {
    return exception;
  }

  /// The pattern up to a `*` or `**` that is its last component.
  String withoutTrailingGlob() {
    String shorter = text.endsWith("/**") ? text.substring(0, text.length() - 3) : text;
    return shorter.endsWith("/*") ? shorter.substring(0, shorter.length() - 2) : shorter;
  }

  boolean matches(String path) {
    return switch (kind) {
      case EXACT -> path.equals(text);
      case PREFIX -> path.startsWith(text.substring(0, text.length() - 2));
      case SUFFIX -> {
        String suffix = text.substring(2);
        yield path.endsWith(suffix) || (suffix.startsWith("/") && path.equals(suffix.substring(1)));
      }
      case TOKENS -> GlobToken.matches(tokens, path.codePoints().toArray());
    };
  }

  private static final class Compiler {
    private final String source;
    private final int[] text;
    private final List<GlobToken> tokens = new ArrayList<>();
    private Kind kind = Kind.EXACT;
    private int at;

    Compiler(String source) {
      this.source = source;
      this.text = source.codePoints().toArray();
    }

    Pattern compile(boolean exception) {
      while (at < text.length) {
        step();
      }
      return new Pattern(source, exception, kind, tokens.toArray(GlobToken[]::new));
    }

    private void step() {
      switch (text[at]) {
        case '*' -> star();
        case '?' -> {
          add(new GlobToken.AnyCharacter());
          at++;
        }
        case '[' -> {
          CharacterClass parsed = CharacterClass.parse(text, at, true);
          add(parsed.token());
          at = parsed.next();
        }
        case ']' -> {
          add(new GlobToken.Literal(']'));
          at++;
        }
        case '\\' -> {
          add(new GlobToken.Literal(text[at + 1]));
          at += 2;
        }
        default -> tokens.add(new GlobToken.Literal(text[at++]));
      }
    }

    private void star() {
      boolean first = at == 0;
      at++;
      if (at >= text.length || text[at] != '*') {
        add(new GlobToken.Star());
        return;
      }
      at++;
      if (at < text.length && text[at] == '/') {
        at++;
      }
      if (at < text.length) {
        add(new GlobToken.Directories());
      } else if (kind == Kind.EXACT) {
        tokens.add(new GlobToken.Rest());
        kind = Kind.PREFIX;
      } else {
        add(new GlobToken.Rest());
      }
      if (first) {
        kind = Kind.SUFFIX;
      }
    }

    private void add(GlobToken token) {
      tokens.add(token);
      kind = Kind.TOKENS;
    }
  }
}
