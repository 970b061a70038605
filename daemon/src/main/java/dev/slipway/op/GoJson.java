package dev.slipway.op;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Writes JSON exactly as Go's `encoding/json` does for structs whose fields are all `omitempty`:
/// fields in the order given, no white space, HTML characters escaped, zero values left out.
/// Digests shared with BuildKit are over such text.
///
/// A writer is filled once and confined to one thread.
final class GoJson {
  private final StringBuilder out = new StringBuilder("{");
  private boolean empty = true;

  /// The text of the object that `fields` fills.
  static String object(Consumer<GoJson> fields) {
    GoJson json = new GoJson();
    fields.accept(json);
    return json.end();
  }

  private String end() {
    return out.append('}').toString();
  }

  GoJson text(String name, String value) {
    if (!value.isEmpty()) {
      key(name);
      quote(value);
    }
    return this;
  }

  /// Written even when empty (a field without `omitempty`).
  GoJson textAlways(String name, String value) {
    key(name);
    quote(value);
    return this;
  }

  GoJson number(String name, long value) {
    if (value != 0) {
      key(name);
      out.append(value);
    }
    return this;
  }

  GoJson flag(String name, boolean value) {
    if (value) {
      key(name);
      out.append("true");
    }
    return this;
  }

  GoJson bytes(String name, byte[] value) {
    if (value.length > 0) {
      key(name);
      quote(Base64.getEncoder().encodeToString(value));
    }
    return this;
  }

  GoJson texts(String name, List<String> values) {
    if (!values.isEmpty()) {
      key(name);
      textArray(values);
    }
    return this;
  }

  /// A slice without `omitempty`: `null` when there is nothing in it.
  GoJson textsOrNull(String name, List<String> values) {
    key(name);
    if (values.isEmpty()) {
      out.append("null");
    } else {
      textArray(values);
    }
    return this;
  }

  GoJson numbers(String name, List<? extends Number> values) {
    if (!values.isEmpty()) {
      key(name);
      out.append('[');
      for (int i = 0; i < values.size(); i++) {
        out.append(i == 0 ? "" : ",").append(values.get(i).longValue());
      }
      out.append(']');
    }
    return this;
  }

  /// A list of messages; empty messages show as `{}`.
  <T> GoJson objects(String name, List<T> values, java.util.function.BiConsumer<T, GoJson> fields) {
    List<String> texts = new ArrayList<>();
    for (T value : values) {
      texts.add(object(json -> fields.accept(value, json)));
    }
    return raws(name, texts);
  }

  /// A list of ready JSON values.
  GoJson raws(String name, List<String> values) {
    if (!values.isEmpty()) {
      key(name);
      out.append('[').append(String.join(",", values)).append(']');
    }
    return this;
  }

  /// A message field: left out when absent, `{}` when present and empty.
  <T> GoJson object(
      String name, Optional<T> value, java.util.function.BiConsumer<T, GoJson> fields) {
    value.ifPresent(
        present -> {
          key(name);
          out.append(object(json -> fields.accept(present, json)));
        });
    return this;
  }

  /// A ready JSON value.
  GoJson raw(String name, String value) {
    key(name);
    out.append(value);
    return this;
  }

  static String quoted(String text) {
    GoJson json = new GoJson();
    json.out.setLength(0);
    json.quote(text);
    return json.out.toString();
  }

  private void textArray(List<String> values) {
    out.append('[');
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      quote(values.get(i));
    }
    out.append(']');
  }

  private void key(String name) {
    if (!empty) {
      out.append(',');
    }
    empty = false;
    quote(name);
    out.append(":");
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '<', '>', '&', '\u2028', '\u2029' -> out.append("\\u%04x".formatted((int) c));
        default -> {
          if (c < 0x20) {
            out.append("\\u%04x".formatted((int) c));
          } else if (Character.isSurrogate(c) && !isPaired(text, i)) {
            out.append("\\ufffd");
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean isPaired(String text, int at) {
    char c = text.charAt(at);
    return Character.isHighSurrogate(c)
        ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
  }

  /// UTF-8, as it is hashed.
  static byte[] utf8(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
