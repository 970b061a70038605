package dev.slipway.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/// Reads a TOML text into a tree that remembers lines.
final class TomlFile {
  private final String name;

  private TomlFile(String name) {
    this.name = name;
  }

  /// @param name in messages, usually the path
  static Node.Table parse(String name, String text, List<String> problems) {
    TomlParseResult result = Toml.parse(text);
    for (TomlParseError error : result.errors()) {
      problems.add(name + ":" + error.position().line() + ": " + error.getMessage());
    }
    return new TomlFile(name).table(result, name);
  }

  private Node.Table table(TomlTable table, String origin) {
    Map<String, Node> entries = new LinkedHashMap<>();
    for (String key : table.keySet()) {
      List<String> path = List.of(key);
      Optional<TomlPosition> position = Optional.ofNullable(table.inputPositionOf(path));
      String where = position.map(at -> name + ":" + at.line()).orElse(name);
      entries.put(key, node(Objects.requireNonNull(table.get(path)), where));
    }
    return new Node.Table(entries, origin);
  }

  private Node node(Object value, String origin) {
    if (value instanceof TomlTable table) {
      return table(table, origin);
    }
    if (!(value instanceof TomlArray array)) {
      return new Node.Value(value, origin);
    }
    if (!array.isEmpty() && array.get(0) instanceof TomlTable) {
      List<Node.Table> tables = new ArrayList<>();
      for (int i = 0; i < array.size(); i++) {
        if (array.get(i) instanceof TomlTable table) {
          tables.add(
              table(table, name + ":" + Objects.requireNonNull(array.inputPositionOf(i)).line()));
        }
      }
      return new Node.Tables(tables, origin);
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      values.add(array.get(i));
    }
    return new Node.Value(values, origin);
  }
}
