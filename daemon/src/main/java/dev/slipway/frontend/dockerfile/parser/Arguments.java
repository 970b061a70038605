package dev.slipway.frontend.dockerfile.parser;

import java.util.List;

/// What follows the keyword and flags of a statement, in the form its keyword reads it.
public sealed interface Arguments {

  /// Words; none when the statement has only a keyword.
  record Words(List<String> words) implements Arguments {
    public Words {
      words = List.copyOf(words);
    }
  }

  /// A JSON array of strings, which is taken as it is and never given to a shell.
  record Json(List<String> values) implements Arguments {
    public Json {
      values = List.copyOf(values);
    }
  }

  /// The rest of the line as one text, never empty.
  record Text(String text) implements Arguments {}

  /// Keys with values.
  record Pairs(List<Pair> pairs) implements Arguments {
    public Pairs {
      pairs = List.copyOf(pairs);
    }
  }

  /// @param legacy written as `key value`, without `=`
  record Pair(String key, String value, boolean legacy) {}

  /// A health check: its type as written, and what follows it.
  record Check(String type, Arguments command) implements Arguments {}

  /// The statement of an ONBUILD.
  record Trigger(Statement statement) implements Arguments {}

  /// Nothing.
  static Arguments none() {
    return new Words(List.of());
  }

  /// All words, for those who only count or join them.
  default List<String> words() {
    return switch (this) {
      case Words(List<String> words) -> words;
      case Json(List<String> values) -> values;
      case Text(String text) -> List.of(text);
      case Pairs(List<Pair> pairs) -> pairs.stream().map(Pair::key).toList();
      case Check(String type, Arguments _) -> List.of(type);
      case Trigger(Statement statement) -> List.of(statement.keyword());
    };
  }
}
