package dev.slipway.llb;

import java.util.List;

/// A list of texts as Go's `encoding/json` writes it; the text becomes part of an op, so of its
/// digest.
final class JsonTexts {
  private JsonTexts() {}

  static String encode(List<String> texts) {
    StringBuilder out = new StringBuilder("[");
    for (String text : texts) {
      out.append(out.length() == 1 ? "\"" : ",\"");
      text.chars().forEach(c -> append((char) c, out));
      out.append('"');
    }
    return out.append(']').toString();
  }

  private static void append(char c, StringBuilder out) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      default -> {
        if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029) {
          out.append(String.format("\\u%04x", (int) c));
        } else {
          out.append(c);
        }
      }
    }
  }
}
