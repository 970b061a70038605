package dev.slipway.device;

import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The part of YAML that device specifications are written in: block mappings and sequences, plain
/// and quoted scalars on one line, short flow collections, comments. Anything else is refused rather
/// than misread. Confined to one thread.
final class YamlText {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int MAX_DEPTH = 64;

  private final List<Line> lines = new ArrayList<>();
  private int next;

  private record Line(int number, int indent, String text) {}

  private YamlText(String text) {
    int number = 0;
    for (String raw : text.lines().toList()) {
      number++;
      String line = withoutComment(raw).stripTrailing();
      String bare = line.stripLeading();
      if (!bare.isEmpty() && !bare.equals("---")) {
        if (line.substring(0, line.length() - bare.length()).indexOf('\t') >= 0) {
          throw new InvalidRequest("line " + number + ": tabs cannot indent");
        }
        lines.add(new Line(number, line.length() - bare.length(), bare));
      }
    }
  }

  /// @throws InvalidRequest naming the line that is not understood
  static JsonNode parse(String text) {
    YamlText yaml = new YamlText(text);
    if (yaml.lines.isEmpty()) {
      return NODES.nullNode();
    }
    JsonNode node = yaml.block(yaml.lines.getFirst().indent(), 0);
    yaml.peek()
        .ifPresent(
            line -> {
              throw refused(line, "unexpected indentation");
            });
    return node;
  }

  private static String withoutComment(String line) {
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        boolean opens = i == 0 || " :[{,-".indexOf(line.charAt(i - 1)) >= 0;
        quote = opens ? c : 0;
      } else if (c == '#' && (i == 0 || Character.isWhitespace(line.charAt(i - 1)))) {
        return line.substring(0, i);
      }
    }
    return line;
  }

  private Optional<Line> peek() {
    return next < lines.size() ? Optional.of(lines.get(next)) : Optional.empty();
  }

  private JsonNode block(int indent, int depth) {
    Line line = lines.get(next);
    if (depth > MAX_DEPTH) {
      throw refused(line, "nested too deeply");
    }
    if (isItem(line.text())) {
      return sequence(indent, depth);
    }
    if (keyEnd(line.text()) >= 0) {
      return mapping(indent, depth);
    }
    next++;
    return value(line, line.text());
  }

  private static boolean isItem(String text) {
    return text.equals("-") || text.startsWith("- ");
  }

  private ArrayNode sequence(int indent, int depth) {
    ArrayNode array = NODES.arrayNode();
    while (peek().filter(line -> line.indent() == indent && isItem(line.text())).isPresent()) {
      Line line = lines.get(next);
      String rest = line.text().substring(1).stripLeading();
      if (rest.isEmpty()) {
        next++;
        array.add(nested(indent, depth));
      } else {
        int inner = indent + line.text().length() - rest.length();
        lines.set(next, new Line(line.number(), inner, rest));
        array.add(block(inner, depth + 1));
      }
    }
    return array;
  }

  private ObjectNode mapping(int indent, int depth) {
    ObjectNode object = NODES.objectNode();
    while (peek().filter(line -> line.indent() == indent && !isItem(line.text())).isPresent()) {
      Line line = lines.get(next);
      int end = keyEnd(line.text());
      if (end < 0) {
        throw refused(line, "no key");
      }
      String key = value(line, line.text().substring(0, end).strip()).asString("");
      String rest = line.text().substring(end + 1).strip();
      next++;
      if (!rest.isEmpty()) {
        object.set(key, value(line, rest));
      } else if (peek().filter(one -> one.indent() == indent && isItem(one.text())).isPresent()) {
        object.set(key, sequence(indent, depth + 1));
      } else {
        object.set(key, nested(indent, depth));
      }
    }
    return object;
  }

  private JsonNode nested(int indent, int depth) {
    Optional<Line> line = peek().filter(deeper -> deeper.indent() > indent);
    return line.isPresent() ? block(line.get().indent(), depth + 1) : NODES.nullNode();
  }

  /// Where a key ends: at a colon outside quotes that ends the line or is followed by a space.
  private static int keyEnd(String text) {
    if (text.startsWith("{") || text.startsWith("[")) {
      return -1;
    }
    char quote = text.charAt(0) == '"' || text.charAt(0) == '\'' ? text.charAt(0) : 0;
    int from = quote == 0 ? 0 : text.indexOf(quote, 1) + 1;
    if (quote != 0 && from == 0) {
      return -1;
    }
    for (int colon = text.indexOf(':', from); colon >= 0; colon = text.indexOf(':', colon + 1)) {
      if (colon + 1 == text.length() || text.charAt(colon + 1) == ' ') {
        return colon;
      }
    }
    return -1;
  }

  private static JsonNode value(Line line, String text) {
    return switch (text.charAt(0)) {
      case '"', '\'' -> NODES.stringNode(quoted(line, text));
      case '[' -> flowSequence(line, text);
      case '{' -> flowMapping(line, text);
      case '|', '>', '&', '*', '!', '%', '@', '`' -> throw refused(line, "not supported: " + text);
      default -> plain(text);
    };
  }

  private static String quoted(Line line, String text) {
    char quote = text.charAt(0);
    if (text.length() < 2 || text.charAt(text.length() - 1) != quote) {
      throw refused(line, "unterminated quote");
    }
    String inner = text.substring(1, text.length() - 1);
    return quote == '\'' ? inner.replace("''", "'") : inner.translateEscapes();
  }

  private static JsonNode plain(String text) {
    if (text.matches("0o?[0-7]+")) {
      return NODES.numberNode(Long.parseLong(text.replace("o", ""), 8));
    }
    if (text.matches("-?[0-9]{1,18}")) {
      return NODES.numberNode(Long.parseLong(text));
    }
    return switch (text) {
      case "true", "True", "TRUE" -> NODES.booleanNode(true);
      case "false", "False", "FALSE" -> NODES.booleanNode(false);
      case "null", "~" -> NODES.nullNode();
      default -> NODES.stringNode(text);
    };
  }

  private static ArrayNode flowSequence(Line line, String text) {
    ArrayNode array = NODES.arrayNode();
    for (String part : parts(line, text, ']')) {
      array.add(value(line, part));
    }
    return array;
  }

  private static ObjectNode flowMapping(Line line, String text) {
    ObjectNode object = NODES.objectNode();
    for (String part : parts(line, text, '}')) {
      int end = keyEnd(part);
      if (end < 0 || end + 1 == part.length()) {
        throw refused(line, "no key and value: " + part);
      }
      object.set(
          value(line, part.substring(0, end).strip()).asString(""),
          value(line, part.substring(end + 1).strip()));
    }
    return object;
  }

  /// What stands between the commas of a flow collection without others inside.
  private static List<String> parts(Line line, String text, char close) {
    if (text.charAt(text.length() - 1) != close) {
      throw refused(line, "unterminated " + text.charAt(0));
    }
    String inner = text.substring(1, text.length() - 1).strip();
    List<String> parts = new ArrayList<>();
    char quote = 0;
    int from = 0;
    for (int i = 0; i < inner.length(); i++) {
      char c = inner.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '[' || c == '{') {
        throw refused(line, "nested flow collections are not supported");
      } else if (c == ',') {
        parts.add(inner.substring(from, i).strip());
        from = i + 1;
      }
    }
    parts.add(inner.substring(from).strip());
    parts.removeIf(String::isEmpty);
    return parts;
  }

  private static InvalidRequest refused(Line line, String why) {
    return new InvalidRequest("line " + line.number() + ": " + why);
  }
}
