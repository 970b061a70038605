package dev.slipway.fsutil;

import java.util.List;
import java.util.function.UnaryOperator;

/// Which part of a directory is seen, and how.
///
/// @param includePatterns a path must match, or lie below a match; empty includes all
/// @param excludePatterns a path must not match, even if it is included
/// @param followPaths paths, possibly with wildcards, that are included together with what they
///   link to
/// @param change applied to every entry that is seen
public record TreeView(
    List<String> includePatterns,
    List<String> excludePatterns,
    List<String> followPaths,
    UnaryOperator<Stat> change) {
  public static final TreeView ALL =
      new TreeView(List.of(), List.of(), List.of(), UnaryOperator.identity());

  public TreeView {
    includePatterns = List.copyOf(includePatterns);
    excludePatterns = List.copyOf(excludePatterns);
    followPaths = List.copyOf(followPaths);
  }

  /// As a build context is seen: everything belongs to root.
  public static TreeView context(
      List<String> includePatterns, List<String> excludePatterns, List<String> followPaths) {
    return new TreeView(
        includePatterns, excludePatterns, followPaths, stat -> stat.withOwner(0, 0));
  }
}
