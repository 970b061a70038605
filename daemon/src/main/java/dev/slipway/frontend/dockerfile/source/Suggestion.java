package dev.slipway.frontend.dockerfile.source;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/// Finds what somebody probably meant to write.
///
/// A word is offered when at most two edits away. Among equally near words the alphabetically first
/// wins, so that a message never changes from run to run. (BuildKit `util/suggest/error.go`,
/// v0.32.2, takes any of them.)
public final class Suggestion {
  private static final int FARTHEST = 2;

  private Suggestion() {}

  /// The nearest option, compared letter by letter; empty when nothing is near or the word itself
  /// is an option.
  public static Optional<String> nearest(String word, Collection<String> options) {
    String best = "";
    int bestDistance = FARTHEST + 1;
    for (String option : new TreeSet<>(options)) {
      if (option.equals(word)) {
        return Optional.empty();
      }
      int distance = distance(word, option, bestDistance);
      if (distance < bestDistance) {
        best = option;
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? Optional.empty() : Optional.of(best);
  }

  /// As [#nearest], but letters of either case are equal; the answer is written in the case of the
  /// word.
  public static Optional<String> nearestIgnoringCase(String word, Collection<String> options) {
    String lower = word.toLowerCase(Locale.ROOT);
    Optional<String> found =
        nearest(lower, options.stream().map(option -> option.toLowerCase(Locale.ROOT)).toList());
    return found.map(
        option ->
            word.equals(lower)
                ? option
                : word.equals(word.toUpperCase(Locale.ROOT))
                    ? option.toUpperCase(Locale.ROOT)
                    : option);
  }

  /// ` (did you mean x?)`, or nothing.
  public static String hint(Optional<String> suggestion) {
    return suggestion.map(option -> " (did you mean " + option + "?)").orElse("");
  }

  /// Edit distance, given up early once it cannot be under `limit`.
  private static int distance(String left, String right, int limit) {
    int[] a = left.codePoints().toArray();
    int[] b = right.codePoints().toArray();
    if (Math.abs(a.length - b.length) >= limit) {
      return limit;
    }
    int[] above = new int[b.length + 1];
    int[] row = new int[b.length + 1];
    for (int j = 0; j <= b.length; j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length; i++) {
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        row[j] = Math.min(change, Math.min(above[j], row[j - 1]) + 1);
      }
      int[] spare = above;
      above = row;
      row = spare;
    }
    return above[b.length];
  }
}
