package dev.slipway.metadata;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A map of texts in one column, `key=value&…` percent-encoded, so that a row stands for itself and
/// can be read with any tool.
public final class TextMap {
  private TextMap() {}

  public static String encode(Map<String, String> map) {
    List<String> pairs = new ArrayList<>();
    map.forEach((key, value) -> pairs.add(encode(key) + "=" + encode(value)));
    return String.join("&", pairs);
  }

  /// Keeps the order; what is no pair is left out.
  public static Map<String, String> decode(String text) {
    Map<String, String> map = new LinkedHashMap<>();
    for (String pair : text.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        map.put(decodeOne(pair.substring(0, equals)), decodeOne(pair.substring(equals + 1)));
      }
    }
    return map;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String decodeOne(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException damaged) {
      return text;
    }
  }
}
