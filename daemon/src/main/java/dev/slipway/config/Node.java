package dev.slipway.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was written, before it is known what it means: file, environment and command line all
/// become such a tree.
sealed interface Node {
  /// Where it was written: `/etc/buildkit/buildkitd.toml:12`, `flag --root`, `environment variable
  /// X`.
  String origin();

  /// @param value a String, Long, Double, Boolean, or a list of such
  record Value(Object value, String origin) implements Node {}

  /// Filled while loading, read afterwards; confined to one thread.
  record Table(Map<String, Node> entries, String origin) implements Node {
    static Table empty(String origin) {
      return new Table(new LinkedHashMap<>(), origin);
    }

    /// Writes a value over whatever is at the path.
    void put(List<String> path, Value value) {
      Table table = this;
      for (String key : path.subList(0, path.size() - 1)) {
        Node next = table.entries.get(key);
        if (!(next instanceof Table)) {
          next = empty(value.origin());
          table.entries.put(key, next);
        }
        table = (Table) next;
      }
      table.entries.put(path.getLast(), value);
    }
  }

  record Tables(List<Table> tables, String origin) implements Node {}
}
