package dev.slipway.fsutil;

import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// A list of patterns as in `.dockerignore`: a path matches when the last pattern that says
/// something about it, or about a directory above it, is no exception. Immutable.
///
/// Source: `moby/patternmatcher`.
public final class PatternMatcher {
  private static final String WILDCARDS = "*[]?^\\";

  private final List<Pattern> patterns;
  private final boolean exceptions;

  private PatternMatcher(List<Pattern> patterns) {
    this.patterns = List.copyOf(patterns);
    this.exceptions = patterns.stream().anyMatch(Pattern::isException);
  }

  /// @param patterns in order; empty ones are left out
  /// @throws InvalidRequest one is malformed
  public static PatternMatcher of(List<String> patterns) {
    List<Pattern> parsed = new ArrayList<>();
    for (String pattern : patterns) {
      String text = pattern.strip();
      if (!text.isEmpty()) {
        parsed.add(Pattern.parse(TreePaths.clean(text)));
      }
    }
    return new PatternMatcher(parsed);
  }

  /// What is known about a directory, so that what is in it can be told faster: the patterns that
  /// match it.
  public static final class State {
    private final BitSet matched;
    private final boolean matches;

    private State(BitSet matched, boolean matches) {
      this.matched = matched;
      this.matches = matches;
    }

    public boolean matches() {
      return matches;
    }
  }

  /// Whether a path, or a directory above it, matches.
  ///
  /// @param path clean, relative
  public boolean matches(String path) {
    boolean matched = false;
    for (Pattern pattern : patterns) {
      if (pattern.isException() == matched && matchesAtOrAbove(pattern, path)) {
        matched = !pattern.isException();
      }
    }
    return matched;
  }

  /// As [#matches(String)], for an entry at the top of a tree.
  public State match(String path) {
    return match(path, new BitSet(), true);
  }

  /// As [#matches(String)], for an entry of a directory.
  public State match(String path, State directory) {
    return match(path, directory.matched, false);
  }

  private State match(String path, BitSet above, boolean unknownAbove) {
    BitSet matching = new BitSet(patterns.size());
    boolean matched = false;
    for (int i = 0; i < patterns.size(); i++) {
      Pattern pattern = patterns.get(i);
      boolean match = above.get(i);
      if (!match) {
        if (pattern.isException() != matched) {
          continue;
        }
        match = unknownAbove ? matchesAtOrAbove(pattern, path) : pattern.matches(path);
      }
      if (match) {
        matching.set(i);
        matched = !pattern.isException();
      }
    }
    return new State(matching, matched);
  }

  private static boolean matchesAtOrAbove(Pattern pattern, String path) {
    if (pattern.matches(path)) {
      return true;
    }
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (pattern.matches(path.substring(0, slash))) {
        return true;
      }
    }
    return false;
  }

  public boolean hasExceptions() {
    return exceptions;
  }

  /// For a list of what to include: whether something in a directory that does not match itself can
  /// match.
  public boolean mayMatchWithin(String directory) {
    return hasWildcards(false) || hasTextWithin(directory, false);
  }

  /// For a list of what to exclude: whether something in a directory that matches can be an
  /// exception.
  public boolean mayExceptWithin(String directory) {
    return exceptions && (hasWildcards(true) || hasTextWithin(directory, true));
  }

  private boolean hasWildcards(boolean exception) {
    return patterns.stream()
        .filter(pattern -> pattern.isException() == exception)
        .map(Pattern::withoutTrailingGlob)
        .anyMatch(text -> text.chars().anyMatch(c -> WILDCARDS.indexOf(c) >= 0));
  }

  private boolean hasTextWithin(String directory, boolean exception) {
    return patterns.stream()
        .filter(pattern -> pattern.isException() == exception)
        .anyMatch(pattern -> (pattern.withoutTrailingGlob() + "/").startsWith(directory + "/"));
  }
}
