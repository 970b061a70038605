package dev.slipway.llb;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Rules about which sources a build may use, and which it uses instead of others. Of allowing and
/// denying rules that match, the last one counts.
///
/// @param rules in their order
public record SourcePolicy(List<Rule> rules) {
  public SourcePolicy {
    rules = List.copyOf(rules);
  }

  /// @param update present for a conversion that says what to convert to
  public record Rule(Action action, Selector selector, Optional<Update> update) {}

  /// What a rule does with a source it matches.
  public enum Action {
    ALLOW,
    DENY,
    CONVERT,
    /// One that this daemon does not know.
    UNKNOWN
  }

  /// Which sources a rule is about: all constraints hold and the identifier matches.
  ///
  /// @param identifier `scheme://rest`, read as `match` says; one that is equal matches always
  public record Selector(String identifier, Match match, List<Constraint> constraints) {
    public Selector {
      constraints = List.copyOf(constraints);
    }
  }

  /// How an identifier is read.
  public enum Match {
    /// `*` stands for any text.
    WILDCARD,
    EXACT,
    /// A regular expression that matches anywhere.
    REGEX,
    UNKNOWN
  }

  /// What an attribute must be; one that is absent is the empty text.
  public record Constraint(String key, String value, Condition condition) {}

  /// How an attribute's value is compared.
  public enum Condition {
    EQUAL,
    NOT_EQUAL,
    /// A regular expression that matches anywhere.
    MATCHES,
    UNKNOWN
  }

  /// @param identifier of the new source; `$1`, `${1}` stand for what the selector's wildcards or
  ///   groups matched; empty: the selector's own
  /// @param attributes added, replacing those of equal name
  public record Update(String identifier, Map<String, String> attributes) {
    public Update {
      attributes = Map.copyOf(attributes);
    }
  }
}
