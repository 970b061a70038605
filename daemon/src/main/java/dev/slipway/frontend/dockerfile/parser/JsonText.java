package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A strict reader of the little JSON that stands in Dockerfiles.
///
/// Not a library's, because the question is special: is this text JSON at all, or a shell command
/// that begins with a bracket? Confined to one text.
final class JsonText {
  private static final int DEEPEST = 1000;
  private final String text;
  private int position;
  private int depth;

  private JsonText(String text) {
    this.text = text;
  }

  /// The strings of an array; empty when `text` is no JSON array. Fails when it is one and holds
  /// anything else.
  static Optional<List<String>> strings(String text) {
    JsonText reader = new JsonText(text);
    try {
      reader.blanks();
      if (!reader.accept('[')) {
        return Optional.empty();
      }
      List<Optional<String>> values = reader.elements();
      reader.end();
      if (values.stream().anyMatch(Optional::isEmpty)) {
        throw new DockerfileError(
            "when using JSON array syntax, arrays must be comprised of strings only");
      }
      return Optional.of(values.stream().flatMap(Optional::stream).toList());
    } catch (NotJson e) {
      return Optional.empty();
    }
  }

  /// The string under `key` of an object; empty when `text` is no JSON object or has none.
  static Optional<String> topLevelString(String text, String key) {
    JsonText reader = new JsonText(text);
    try {
      reader.blanks();
      Optional<String> found = reader.member(key);
      reader.end();
      return found;
    } catch (NotJson e) {
      return Optional.empty();
    }
  }

  private Optional<String> member(String key) {
    require('{');
    Optional<String> found = Optional.empty();
    blanks();
    if (accept('}')) {
      return found;
    }
    do {
      blanks();
      String name = string();
      blanks();
      require(':');
      Optional<String> value = value();
      found = name.equals(key) ? value : found;
      blanks();
    } while (accept(','));
    require('}');
    return found;
  }

  /// Elements of an array whose bracket is read, without those that are no strings.
  private List<Optional<String>> elements() {
    List<Optional<String>> values = new ArrayList<>();
    blanks();
    if (accept(']')) {
      return values;
    }
    do {
      values.add(value());
      blanks();
    } while (accept(','));
    require(']');
    return values;
  }

  /// Any value; its text if it is a string.
  private Optional<String> value() {
    blanks();
    if (++depth > DEEPEST) {
      throw new NotJson();
    }
    Optional<String> value = Optional.empty();
    switch (peek()) {
      case '"' -> value = Optional.of(string());
      case '[' -> {
        position++;
        elements();
      }
      case '{' -> member("");
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    }
    depth--;
    return value;
  }

  private void number() {
    accept('-');
    if (!accept('0')) {
      digits();
    }
    if (accept('.')) {
      digits();
    }
    if (accept('e') || accept('E')) {
      if (!accept('+')) {
        accept('-');
      }
      digits();
    }
  }

  private void digits() {
    int start = position;
    while (peek() >= '0' && peek() <= '9') {
      position++;
    }
    if (position == start) {
      throw new NotJson();
    }
  }

  private String string() {
    require('"');
    StringBuilder out = new StringBuilder();
    while (true) {
      int ch = peek();
      position++;
      switch (ch) {
        case '"' -> {
          return wellFormed(out);
        }
        case '\\' -> out.append(escaped());
        default -> {
          if (ch < ' ') {
            throw new NotJson();
          }
          out.append((char) ch);
        }
      }
    }
  }

  private char escaped() {
    int ch = peek();
    position++;
    return switch (ch) {
      case '"', '\\', '/' -> (char) ch;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int value = 0;
        for (int i = 0; i < 4; i++, position++) {
          int digit = Character.digit(peek(), 16);
          if (digit < 0) {
            throw new NotJson();
          }
          value = value * 16 + digit;
        }
        yield (char) value;
      }
      default -> throw new NotJson();
    };
  }

  /// Half a surrogate pair becomes the replacement character.
  private static String wellFormed(StringBuilder out) {
    StringBuilder clean = new StringBuilder(out.length());
    out.codePoints()
        .forEach(
            ch ->
                clean.appendCodePoint(
                    ch >= Character.MIN_SURROGATE && ch <= Character.MAX_SURROGATE ? 0xfffd : ch));
    return clean.toString();
  }

  private void word(String word) {
    if (!text.startsWith(word, position)) {
      throw new NotJson();
    }
    position += word.length();
  }

  private int peek() {
    return position < text.length() ? text.charAt(position) : -1;
  }

  private boolean accept(char ch) {
    if (peek() != ch) {
      return false;
    }
    position++;
    return true;
  }

  private void require(char ch) {
    if (!accept(ch)) {
      throw new NotJson();
    }
  }

  private void blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
      position++;
    }
  }

  private void end() {
    blanks();
    if (position < text.length()) {
      throw new NotJson();
    }
  }

  /// Ends a reading; never leaves this class.
  private static final class NotJson extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotJson() {
      super("not JSON", null, false, false);
    }
  }
}
