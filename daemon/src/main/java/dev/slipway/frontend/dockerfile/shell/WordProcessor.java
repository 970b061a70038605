package dev.slipway.frontend.dockerfile.shell;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/// Substitutes variables in Dockerfile text and cuts it into words, much as a POSIX shell would.
///
/// Behaviour is that of BuildKit's `frontend/dockerfile/shell/lex.go` (v0.32.2), which quotes in
/// error messages; two of its slips are not copied: letters before a `${name-word}` no longer
/// vanish from the words, and a `$` in the replacement of `${name//pattern/replacement}` stands for
/// itself.
///
/// @param escape the escape character, `\` or a backtick
/// @param keeping what is to be left in the text
public record WordProcessor(int escape, Set<Keep> keeping) {

  /// Longest text that substitution may produce, so that a few lines doubling a variable cannot
  /// fill the memory.
  static final int LONGEST_TEXT = 4 << 20;

  public WordProcessor {
    keeping = Set.copyOf(keeping);
  }

  public WordProcessor(int escape) {
    this(escape, Set.of());
  }

  /// The same, also keeping these.
  public WordProcessor keeping(Keep first, Keep... more) {
    EnumSet<Keep> all = EnumSet.of(first, more);
    all.addAll(keeping);
    return new WordProcessor(escape, all);
  }

  /// Substitutes and cuts `text`. Fails with a
  /// [dev.slipway.frontend.dockerfile.source.DockerfileError] without a place when a quote or brace
  /// is left open, or a `${name:?message}` says so.
  public Expansion expand(String text, Variables variables) {
    return expand(text, variables, _ -> {});
  }

  /// The same.
  ///
  /// @param unset told the name of each variable that is asked for and not set, once, also of a
  ///   text that then fails
  public Expansion expand(String text, Variables variables, Consumer<String> unset) {
    return new WordReader(this, text, variables, unset).read();
  }

  /// What a processor leaves in the text instead of acting on it.
  public enum Keep {
    /// Quotes act, but stay.
    QUOTES,
    /// Escape characters act, but stay.
    ESCAPES,
    /// Quotes are letters like any other.
    QUOTES_AS_TEXT,
    /// References to variables that are not set.
    UNSET_VARIABLES
  }
}
