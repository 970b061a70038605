package dev.slipway.op.file;

import dev.slipway.fsutil.PatternMatcher;
import java.util.List;
import java.util.Optional;

/// Which entries below a copied directory are wanted: those that match an include pattern (or all,
/// when there is none) and no exclude pattern. Immutable.
///
/// Paths are relative to the copied directory.
final class CopyFilter {
  private final Optional<PatternMatcher> include;
  private final Optional<PatternMatcher> exclude;

  private CopyFilter(Optional<PatternMatcher> include, Optional<PatternMatcher> exclude) {
    this.include = include;
    this.exclude = exclude;
  }

  static CopyFilter of(List<String> includePatterns, List<String> excludePatterns) {
    return new CopyFilter(matcher(includePatterns), matcher(excludePatterns));
  }

  private static Optional<PatternMatcher> matcher(List<String> patterns) {
    return patterns.isEmpty() ? Optional.empty() : Optional.of(PatternMatcher.of(patterns));
  }

  /// What is known about an entry, and of use for judging what is in it.
  ///
  /// @param wanted it is to be copied
  /// @param pruned nothing in it can be wanted
  record Verdict(
      boolean wanted,
      boolean pruned,
      Optional<PatternMatcher.State> included,
      Optional<PatternMatcher.State> excluded) {
    /// Of the copied directory itself.
    static final Verdict TOP = new Verdict(true, false, Optional.empty(), Optional.empty());
  }

  Verdict judge(String path, Verdict parent) {
    Optional<PatternMatcher.State> included =
        include.map(patterns -> match(patterns, path, parent.included()));
    Optional<PatternMatcher.State> excluded =
        exclude.map(patterns -> match(patterns, path, parent.excluded()));
    boolean out = excluded.map(PatternMatcher.State::matches).orElse(false);
    boolean in = included.map(PatternMatcher.State::matches).orElse(true);
    boolean exceptions = exclude.map(PatternMatcher::hasExceptions).orElse(false);
    return new Verdict(in && !out, out && !exceptions, included, excluded);
  }

  private static PatternMatcher.State match(
      PatternMatcher patterns, String path, Optional<PatternMatcher.State> parent) {
    return parent
        .map(directory -> patterns.match(path, directory))
        .orElseGet(() -> patterns.match(path));
  }
}
