package dev.slipway.frontend.dockerfile.shell;

import java.util.List;
import java.util.stream.Collectors;

/// Texts as Go's `fmt` package prints them: image histories and messages of the reference are made
/// with its verbs, and image digests depend on every character.
public final class GoText {
  private GoText() {}

  /// As verb `%q` prints a string: double-quoted, with escapes.
  public static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints().forEach(ch -> appendQuoted(out, ch));
    return out.append('"').toString();
  }

  /// As verb `%q` prints a slice of strings: `["a" "b"]`.
  public static String quote(List<String> texts) {
    return texts.stream().map(GoText::quote).collect(Collectors.joining(" ", "[", "]"));
  }

  /// As verb `%v` prints a slice of strings: `[a b]`.
  public static String list(List<String> texts) {
    return "[" + String.join(" ", texts) + "]";
  }

  private static void appendQuoted(StringBuilder out, int ch) {
    switch (ch) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case 0x07 -> out.append("\\a");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case 0x0b -> out.append("\\v");
      default -> {
        if (isPrintable(ch)) {
          out.appendCodePoint(ch);
        } else if (ch < ' ' || ch == 0x7f) {
          out.append("\\x%02x".formatted(ch));
        } else {
          out.append((ch < 0x10000 ? "\\u%04x" : "\\U%08x").formatted(ch));
        }
      }
    }
  }

  private static boolean isPrintable(int ch) {
    return switch (Character.getType(ch)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> ch == ' ';
      default -> true;
    };
  }
}
