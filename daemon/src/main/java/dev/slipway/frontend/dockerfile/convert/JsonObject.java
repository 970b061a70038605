package dev.slipway.frontend.dockerfile.convert;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/// Writes one JSON object the way Go's `encoding/json` writes a struct: members in the order given,
/// no blanks, `<`, `>` and `&` escaped. An image's digest is over such text. Confined to one
/// writing.
final class JsonObject {
  private final StringBuilder out = new StringBuilder("{");

  /// Left out when empty.
  JsonObject text(String name, String value) {
    return value.isEmpty() ? this : raw(name, quote(value));
  }

  /// Left out when zero.
  JsonObject number(String name, long value) {
    return value == 0 ? this : raw(name, Long.toString(value));
  }

  /// Left out when false.
  JsonObject flag(String name, boolean value) {
    return value ? raw(name, "true") : this;
  }

  /// Left out when empty.
  JsonObject texts(String name, List<String> values) {
    return values.isEmpty() ? this : raw(name, array(values));
  }

  /// A set, written as an object with empty members; left out when empty.
  JsonObject names(String name, SortedMap<String, String> values) {
    return values.isEmpty()
        ? this
        : raw(
            name,
            values.keySet().stream()
                .map(key -> quote(key) + ":{}")
                .collect(Collectors.joining(",", "{", "}")));
  }

  /// Left out when empty.
  JsonObject map(String name, SortedMap<String, String> values) {
    return values.isEmpty()
        ? this
        : raw(
            name,
            values.entrySet().stream()
                .map(JsonObject::member)
                .collect(Collectors.joining(",", "{", "}")));
  }

  private static String member(Map.Entry<String, String> entry) {
    return quote(entry.getKey()) + ":" + quote(entry.getValue());
  }

  /// Ready JSON.
  JsonObject raw(String name, String json) {
    out.append(out.length() > 1 ? "," : "").append(quote(name)).append(':').append(json);
    return this;
  }

  String end() {
    return out.append('}').toString();
  }

  static String array(List<String> values) {
    return values.stream().map(JsonObject::quote).collect(Collectors.joining(",", "[", "]"));
  }

  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints().forEach(ch -> append(quoted, ch));
    return quoted.append('"').toString();
  }

  private static void append(StringBuilder out, int ch) {
    switch (ch) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '<', '>', '&', 0x2028, 0x2029 -> out.append("\\u%04x".formatted(ch));
      default -> {
        if (ch < ' ') {
          out.append("\\u%04x".formatted(ch));
        } else if (ch >= Character.MIN_SURROGATE && ch <= Character.MAX_SURROGATE) {
          out.append("\\ufffd");
        } else {
          out.appendCodePoint(ch);
        }
      }
    }
  }
}
