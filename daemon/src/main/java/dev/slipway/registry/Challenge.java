package dev.slipway.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// One way to authenticate that a server offers (RFC 9110, 11.6.1).
///
/// @param scheme lower case: `bearer`, `basic`
/// @param parameters names in lower case
record Challenge(String scheme, Map<String, String> parameters) {
  Challenge {
    parameters = Map.copyOf(parameters);
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  static List<Challenge> parse(List<String> headers) {
    List<Challenge> all = new ArrayList<>();
    for (String header : headers) {
      new Parser(header.length() > 8192 ? header.substring(0, 8192) : header).into(all);
    }
    return all;
  }

  private static final class Parser {
    private final String text;
    private int at;

    private Parser(String text) {
      this.text = text;
    }

    private void into(List<Challenge> all) {
      String word = token();
      while (!word.isEmpty()) {
        String scheme = word.toLowerCase(Locale.ROOT);
        Map<String, String> parameters = new HashMap<>();
        word = token();
        while (!word.isEmpty() && peek() == '=') {
          at++;
          parameters.put(word.toLowerCase(Locale.ROOT), value());
          skipSeparators();
          word = token();
        }
        all.add(new Challenge(scheme, parameters));
      }
    }

    private String token() {
      skipSeparators();
      int start = at;
      while (at < text.length() && " ,=\"\t".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String token = text.substring(start, at);
      int mark = at;
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
      if (peek() != '=') {
        at = mark;
      }
      return token;
    }

    private String value() {
      while (peek() == ' ') {
        at++;
      }
      if (peek() != '"') {
        return token();
      }
      StringBuilder value = new StringBuilder();
      at++;
      while (at < text.length() && text.charAt(at) != '"') {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at++));
      }
      at++;
      return value.toString();
    }

    private char peek() {
      return at < text.length() ? text.charAt(at) : 0;
    }

    private void skipSeparators() {
      while (at < text.length() && " ,\t".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }
  }
}
