package dev.slipway.oci.json;

import dev.slipway.failure.CorruptData;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// JSON text as Go writes it: `<`, `>`, `&` and the two line separators of Unicode escaped, maps
/// indented by two spaces or not at all.
///
/// Values are maps with text keys (written in their order), lists, text, integers, booleans,
/// doubles of everyday size, [Raw] text, and an empty `Optional` for null.
public final class GoJson {
  private GoJson() {}

  /// Text that is JSON already, in compact form.
  public record Raw(String json) {}

  public static byte[] compact(Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value);
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  public static byte[] indented(Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value);
    return indent(out.toString()).getBytes(StandardCharsets.UTF_8);
  }

  /// The text without white space and with Go's escapes, everything else as it was.
  public static String compacted(String json) {
    StringBuilder out = new StringBuilder(json.length());
    boolean inText = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (inText) {
        if (c == '\\') {
          out.append(c).append(json.charAt(++i));
        } else {
          inText = c != '"';
          escapeHtml(out, c);
        }
      } else if (!isSpace(c)) {
        inText = c == '"';
        out.append(c);
      }
    }
    return out.toString();
  }

  /// Splits an object into its members' raw text, in order of appearance. The text must be known to
  /// be valid.
  ///
  /// @throws CorruptData it is no object
  public static SequencedMap<String, Raw> members(String validJson) {
    String json = compacted(validJson);
    if (!json.startsWith("{")) {
      throw new CorruptData("JSON is no object");
    }
    SequencedMap<String, Raw> members = new LinkedHashMap<>();
    int at = 1;
    while (at < json.length() - 1) {
      int keyEnd = endOfText(json, at);
      String key = OciJson.text(json.substring(at, keyEnd));
      int valueEnd = endOfValue(json, keyEnd + 1);
      members.put(key, new Raw(json.substring(keyEnd + 1, valueEnd)));
      at = valueEnd + 1;
    }
    return members;
  }

  private static int endOfText(String json, int start) {
    int at = start + 1;
    while (json.charAt(at) != '"') {
      at += json.charAt(at) == '\\' ? 2 : 1;
    }
    return at + 1;
  }

  private static int endOfValue(String json, int start) {
    int depth = 0;
    int at = start;
    while (true) {
      char c = json.charAt(at);
      if (c == '"') {
        at = endOfText(json, at);
        continue;
      }
      if (c == '{' || c == '[') {
        depth++;
      } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
        return at;
      } else if (c == '}' || c == ']') {
        depth--;
      }
      at++;
    }
  }

  private static void write(StringBuilder out, Object value) {
    switch (value) {
      case Raw raw -> out.append(raw.json());
      case String text -> quote(out, text);
      case Map<?, ?> map -> {
        String comma = "{";
        for (Map.Entry<?, ?> member : map.entrySet()) {
          out.append(comma);
          quote(out, String.valueOf(member.getKey()));
          out.append(':');
          write(out, member.getValue());
          comma = ",";
        }
        out.append(map.isEmpty() ? "{}" : "}");
      }
      case List<?> list -> {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
          out.append(i > 0 ? "," : "");
          write(out, list.get(i));
        }
        out.append(']');
      }
      case Boolean truth -> out.append(truth.booleanValue());
      case Integer number -> out.append(number.intValue());
      case Long number -> out.append(number.longValue());
      case Double number -> out.append(plain(number));
      case Optional<?> nothing when nothing.isEmpty() -> out.append("null");
      default -> throw new IllegalArgumentException("no JSON form of " + value.getClass());
    }
  }

  /// The fewest digits that say which double it is, without an exponent. Go has one below 1e-6 and
  /// from 1e21 on.
  private static String plain(double number) {
    double size = Math.abs(number);
    if (!(size == 0 || size >= 1e-6 && size < 1e21)) {
      throw new IllegalArgumentException("no JSON form of " + number);
    }
    return size == 0
        ? "0"
        : new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20) {
            out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
          } else {
            escapeHtml(out, c);
          }
        }
      }
    }
    out.append('"');
  }

  private static void escapeHtml(StringBuilder out, char c) {
    switch (c) {
      case '<' -> out.append("\\u003c");
      case '>' -> out.append("\\u003e");
      case '&' -> out.append("\\u0026");
      case '\u2028' -> out.append("\\u2028");
      case '\u2029' -> out.append("\\u2029");
      default -> out.append(c);
    }
  }

  private static String indent(String compact) {
    StringBuilder out = new StringBuilder(compact.length() * 2);
    int depth = 0;
    for (int at = 0; at < compact.length(); at++) {
      char c = compact.charAt(at);
      switch (c) {
        case '"' -> {
          int end = endOfText(compact, at);
          out.append(compact, at, end);
          at = end - 1;
        }
        case '{', '[' -> {
          out.append(c);
          char next = compact.charAt(at + 1);
          if (next == '}' || next == ']') {
            out.append(next);
            at++;
          } else {
            newLine(out, ++depth);
          }
        }
        case '}', ']' -> {
          newLine(out, --depth);
          out.append(c);
        }
        case ',' -> {
          out.append(c);
          newLine(out, depth);
        }
        case ':' -> out.append(": ");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  private static void newLine(StringBuilder out, int depth) {
    out.append('\n').repeat("  ", depth);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }
}
