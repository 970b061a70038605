package dev.slipway.op;

/// Text as Go prints it, where messages are compared with BuildKit's. Pure.
final class GoText {
  private GoText() {}

  /// Quoted as by the verb `%q`.
  static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case 7 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 11 -> out.append("\\v");
                default -> appendPrintable(out, c);
              }
            });
    return out.append('"').toString();
  }

  private static void appendPrintable(StringBuilder out, int c) {
    if (c < 0x20 || c == 0x7f) {
      out.append("\\x%02x".formatted(c));
    } else if (isPrintable(c)) {
      out.appendCodePoint(c);
    } else if (c < 0x10000) {
      out.append("\\u%04x".formatted(c));
    } else {
      out.append("\\U%08x".formatted(c));
    }
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }
}
