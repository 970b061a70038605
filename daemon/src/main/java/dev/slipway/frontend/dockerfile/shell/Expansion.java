package dev.slipway.frontend.dockerfile.shell;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What became of a text.
///
/// @param text the whole text, substituted
/// @param words the text cut at unquoted white space, after substitution
/// @param matched names of variables that were found, in order of use
/// @param unmatched names of variables that were asked for and are not set, in order of use
public record Expansion(
    String text, List<String> words, Set<String> matched, Set<String> unmatched) {

  public Expansion {
    words = List.copyOf(words);
    matched = Collections.unmodifiableSet(new LinkedHashSet<>(matched));
    unmatched = Collections.unmodifiableSet(new LinkedHashSet<>(unmatched));
  }
}
