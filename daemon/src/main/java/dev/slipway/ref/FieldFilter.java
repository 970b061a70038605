package dev.slipway.ref;

import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// One expression of containerd's filter language: selectors joined by commas, all of which must
/// match. A selector is a field path (names joined by dots, each plain or in double quotes) alone,
/// meaning that it is set, or compared with `==`, `!=` or `~=` (regular expression found in it). A
/// value is plain up to the next comma, or in double quotes with backslash escapes; a regular
/// expression may stand between `/` or `|` too.
///
/// Source: containerd `pkg/filters` (parser.go), version 2.
public final class FieldFilter {
  private static final int MAXIMUM_LENGTH = 4096;

  private final List<Selector> all;

  private FieldFilter(List<Selector> all) {
    this.all = all;
  }

  /// @throws InvalidRequest naming the place
  public static FieldFilter parse(String expression) {
    if (expression.length() > MAXIMUM_LENGTH) {
      throw new InvalidRequest("filter of " + expression.length() + " characters is too long");
    }
    return new FieldFilter(expression.isEmpty() ? List.of() : new Parser(expression).selectors());
  }

  /// @param fields answers a field path with its value, empty when it is not set
  public boolean matches(Function<List<String>, Optional<String>> fields) {
    return all.stream().allMatch(selector -> selector.matches(fields.apply(selector.path())));
  }

  private sealed interface Selector {
    List<String> path();

    boolean matches(Optional<String> value);
  }

  private record Present(List<String> path) implements Selector {
    @Override
    public boolean matches(Optional<String> value) {
      return value.isPresent();
    }
  }

  private record Equal(List<String> path, String wanted) implements Selector {
    @Override
    public boolean matches(Optional<String> value) {
      return value.equals(Optional.of(wanted));
    }
  }

  private record NotEqual(List<String> path, String unwanted) implements Selector {
    @Override
    public boolean matches(Optional<String> value) {
      return !value.orElse("").equals(unwanted);
    }
  }

  private record Found(List<String> path, Pattern pattern) implements Selector {
    @Override
    public boolean matches(Optional<String> value) {
      return pattern.matcher(value.orElse("")).find();
    }
  }

  private static final class Parser {
    private final String text;
    private int at;

    private Parser(String text) {
      this.text = text;
    }

    List<Selector> selectors() {
      List<Selector> selectors = new ArrayList<>();
      selectors.add(selector());
      while (at < text.length()) {
        expect(',');
        selectors.add(selector());
      }
      return selectors;
    }

    private Selector selector() {
      List<String> path = new ArrayList<>();
      path.add(field());
      while (peek() == '.') {
        at++;
        path.add(field());
      }
      if (at >= text.length() || peek() == ',') {
        return new Present(List.copyOf(path));
      }
      String operator = text.substring(at, Math.min(at + 2, text.length()));
      at += operator.length();
      return switch (operator) {
        case "==" -> new Equal(List.copyOf(path), value("\""));
        case "!=" -> new NotEqual(List.copyOf(path), value("\""));
        case "~=" -> new Found(List.copyOf(path), pattern(value("\"/|")));
        default -> throw failure("unsupported operator \"" + operator + "\"");
      };
    }

    private Pattern pattern(String expression) {
      try {
        return Pattern.compile(expression);
      } catch (PatternSyntaxException wrong) {
        throw failure(
            "invalid regular expression \"" + expression + "\": " + wrong.getDescription());
      }
    }

    private String field() {
      if (peek() == '"') {
        return quoted();
      }
      int start = at;
      while (Character.isLetterOrDigit(peek()) || peek() == '_') {
        at++;
      }
      if (at == start) {
        throw failure("expected field or quoted");
      }
      return text.substring(start, at);
    }

    private String value(String quotes) {
      if (at < text.length() && quotes.indexOf(peek()) >= 0) {
        return quoted();
      }
      int start = at;
      while (at < text.length() && peek() != ',') {
        at++;
      }
      if (at == start) {
        throw failure("expected value or quoted");
      }
      return text.substring(start, at);
    }

    private String quoted() {
      char quote = peek();
      at++;
      StringBuilder value = new StringBuilder();
      while (at < text.length() && peek() != quote) {
        if (peek() == '\\' && at + 1 < text.length()) {
          at++;
          if (quote != '"' && peek() != quote) {
            value.append('\\');
          }
        }
        value.append(peek());
        at++;
      }
      expect(quote);
      return value.toString();
    }

    /// NUL at the end.
    private char peek() {
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private void expect(char wanted) {
      if (peek() != wanted) {
        throw failure("expected '" + wanted + "'");
      }
      at++;
    }

    private InvalidRequest failure(String what) {
      return new InvalidRequest("filter \"" + text + "\", character " + at + ": " + what);
    }
  }
}
