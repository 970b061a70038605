package dev.slipway.source;

import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JSON in the exact form that BuildKit hashes for source keys (Go's `encoding/json`: no spaces,
/// HTML characters escaped). Filled once, confined to one thread.
public final class KeyJson {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final StringBuilder out = new StringBuilder("{");

  /// Lists of text as attributes carry them.
  ///
  /// @param name of the attribute, for the failure
  /// @return empty for `null`
  /// @throws InvalidRequest it is no JSON array of strings
  public static Optional<List<String>> parseTexts(String name, String json) {
    try {
      JsonNode node = MAPPER.readTree(json);
      if (node.isNull()) {
        return Optional.empty();
      }
      List<String> texts = new ArrayList<>();
      for (JsonNode item : node) {
        if (!node.isArray() || !item.isString()) {
          throw new InvalidRequest("invalid value for " + name + ": want a JSON array of strings");
        }
        texts.add(item.stringValue());
      }
      return Optional.of(List.copyOf(texts));
    } catch (JacksonException malformed) {
      throw new InvalidRequest(
          "invalid value for " + name + ": " + malformed.getOriginalMessage(), malformed);
    }
  }

  /// Written even when empty.
  public KeyJson text(String name, String value) {
    key(name);
    quote(value);
    return this;
  }

  /// Left out when empty.
  public KeyJson textIfAny(String name, String value) {
    return value.isEmpty() ? this : text(name, value);
  }

  /// Written even when zero.
  public KeyJson number(String name, long value) {
    key(name);
    out.append(value);
    return this;
  }

  /// Absent shows as `null`, as a Go slice that was never made does.
  public KeyJson textsOrNull(String name, Optional<List<String>> values) {
    key(name);
    if (values.isEmpty()) {
      out.append("null");
      return this;
    }
    out.append('[');
    for (int i = 0; i < values.get().size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      quote(values.get().get(i));
    }
    out.append(']');
    return this;
  }

  /// A value that is JSON already.
  public KeyJson raw(String name, String json) {
    key(name);
    out.append(json);
    return this;
  }

  public String end() {
    return out.append('}').toString();
  }

  private void key(String name) {
    if (out.length() > 1) {
      out.append(',');
    }
    quote(name);
    out.append(':');
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
        default -> {
          if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
            out.append("\\u").append(java.util.HexFormat.of().toHexDigits(c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
