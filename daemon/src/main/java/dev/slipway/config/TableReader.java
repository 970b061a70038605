package dev.slipway.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Reads one table key by key, collecting what is wrong instead of throwing; what nobody asked for
/// is unknown. Confined to one thread.
final class TableReader {
  private final String path;
  private final Node.Table table;
  private final List<String> problems;
  private final Set<String> known = new LinkedHashSet<>();

  /// @param path of the table as messages show it, empty for the root
  TableReader(String path, Node.Table table, List<String> problems) {
    this.path = path;
    this.table = table;
    this.problems = problems;
  }

  Optional<String> text(String key) {
    return value(key, String.class, "a text in quotes").filter(text -> !text.isEmpty());
  }

  String text(String key, String otherwise) {
    return text(key).orElse(otherwise);
  }

  Optional<Path> path(String key) {
    return text(key).map(Path::of);
  }

  Path path(String key, String otherwise) {
    return Path.of(text(key, otherwise));
  }

  Optional<Boolean> flag(String key) {
    return value(key, Boolean.class, "true or false");
  }

  boolean flag(String key, boolean otherwise) {
    return flag(key).orElse(otherwise);
  }

  Optional<Integer> number(String key) {
    Optional<Long> number = value(key, Long.class, "a whole number");
    if (number.isPresent() && (number.get() < 0 || number.get() > Integer.MAX_VALUE)) {
      wrong(key, "want a number from 0 to " + Integer.MAX_VALUE + ", not " + number.get());
      return Optional.empty();
    }
    return number.map(Long::intValue);
  }

  int number(String key, int otherwise) {
    return number(key).orElse(otherwise);
  }

  /// One of these.
  String choice(String key, String otherwise, List<String> choices) {
    Optional<String> text = text(key);
    if (text.isPresent() && !choices.contains(text.get())) {
      wrong(key, "want one of " + String.join(", ", choices) + ", not \"" + text.get() + "\"");
      return otherwise;
    }
    return text.orElse(otherwise);
  }

  List<String> texts(String key) {
    known.add(key);
    Node node = table.entries().get(key);
    if (node == null) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    if (node instanceof Node.Value(List<?> list, String _)) {
      list.stream().filter(String.class::isInstance).map(String.class::cast).forEach(texts::add);
      if (texts.size() == list.size()) {
        return List.copyOf(texts);
      }
    }
    wrong(key, "want a list of texts, such as [\"a\", \"b\"]");
    return List.of();
  }

  List<String> texts(String key, List<String> otherwise) {
    return table.entries().containsKey(key) ? texts(key) : known(key, otherwise);
  }

  private <T> T known(String key, T value) {
    known.add(key);
    return value;
  }

  Optional<Duration> duration(String key) {
    return quantity(key).flatMap(text -> parsed(key, () -> Quantities.duration(text)));
  }

  Optional<DiskSpace> space(String key) {
    return quantity(key).flatMap(text -> parsed(key, () -> Quantities.space(text)));
  }

  private Optional<String> quantity(String key) {
    known.add(key);
    Node node = table.entries().get(key);
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof Node.Value(Object raw, String _)
        && (raw instanceof String || raw instanceof Long)) {
      return Optional.of(raw.toString()).filter(text -> !text.isEmpty());
    }
    wrong(key, "want a number or a text");
    return Optional.empty();
  }

  private <T> Optional<T> parsed(String key, java.util.function.Supplier<T> parse) {
    try {
      return Optional.of(parse.get());
    } catch (IllegalArgumentException wrong) {
      wrong(key, String.valueOf(wrong.getMessage()));
      return Optional.empty();
    }
  }

  /// A table of texts whose keys are free.
  Map<String, String> textMap(String key) {
    TableReader reader = table(key);
    Map<String, String> texts = new LinkedHashMap<>();
    for (String name : reader.table.entries().keySet()) {
      reader.value(name, String.class, "a text in quotes").ifPresent(text -> texts.put(name, text));
    }
    return texts;
  }

  /// A table inside; empty when there is none.
  TableReader table(String key) {
    known.add(key);
    Node node = table.entries().get(key);
    String inner = path.isEmpty() ? quoted(key) : path + "." + quoted(key);
    if (node instanceof Node.Table found) {
      return new TableReader(inner, found, problems);
    }
    if (node != null) {
      wrong(key, "want a table");
    }
    return new TableReader(inner, Node.Table.empty(table.origin()), problems);
  }

  /// Tables inside whose names are free, such as registries.
  Map<String, TableReader> named(String key) {
    TableReader reader = table(key);
    Map<String, TableReader> readers = new LinkedHashMap<>();
    for (String name : reader.table.entries().keySet()) {
      readers.put(name, reader.table(name));
    }
    return readers;
  }

  List<TableReader> tables(String key) {
    known.add(key);
    Node node = table.entries().get(key);
    List<TableReader> readers = new ArrayList<>();
    if (node instanceof Node.Tables found) {
      for (Node.Table each : found.tables()) {
        readers.add(new TableReader(path + "." + key, each, problems));
      }
    } else if (node != null
        && !(node instanceof Node.Value(List<?> list, String _) && list.isEmpty())) {
      wrong(key, "want tables, written as [[" + (path.isEmpty() ? key : path + "." + key) + "]]");
    }
    return readers;
  }

  boolean isEmpty() {
    return table.entries().isEmpty();
  }

  /// Keys that BuildKit knows and that mean nothing here.
  void withoutEffect(String... keys) {
    known.addAll(List.of(keys));
  }

  /// Reports every key that nobody asked for, with the nearest one that exists.
  void end() {
    for (Map.Entry<String, Node> entry : table.entries().entrySet()) {
      if (!known.contains(entry.getKey())) {
        String where = path.isEmpty() ? "" : " in [" + path + "]";
        String suggestion =
            Suggestion.nearest(entry.getKey(), known)
                .map(near -> "; did you mean " + near + "?")
                .orElse("; known: " + known.stream().sorted().collect(Collectors.joining(", ")));
        problems.add(
            entry.getValue().origin() + ": unknown key " + entry.getKey() + where + suggestion);
      }
    }
  }

  /// Reports that the key's value is not acceptable.
  void wrong(String key, String reason) {
    Node node = table.entries().get(key);
    String origin = node == null ? table.origin() : node.origin();
    problems.add(origin + ": " + (path.isEmpty() ? key : path + "." + key) + ": " + reason);
  }

  private <T> Optional<T> value(String key, Class<T> type, String want) {
    known.add(key);
    Node node = table.entries().get(key);
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof Node.Value(Object raw, String _) && type.isInstance(raw)) {
      return Optional.of(type.cast(raw));
    }
    wrong(key, "want " + want);
    return Optional.empty();
  }

  private static String quoted(String key) {
    return key.matches("[A-Za-z0-9_-]+") ? key : "\"" + key + "\"";
  }
}
