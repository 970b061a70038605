package dev.slipway.op.file;

import dev.slipway.failure.Unsupported;
import java.util.List;

/// Which entries below a copied directory are wanted: those that match an include pattern (or all, when there is none) and no exclude pattern.
///
/// Paths are relative to the copied directory.
final class CopyFilter {
  private static final CopyFilter EVERYTHING = new CopyFilter();

  private CopyFilter() {}

  static CopyFilter of(List<String> includePatterns, List<String> excludePatterns) {
    if (includePatterns.isEmpty() && excludePatterns.isEmpty()) {
      return EVERYTHING;
    }
    throw new Unsupported("copying with include or exclude patterns is not supported");
  }

  /// What is known about a directory, so that its entries can be judged without looking at all of their path again.
  static final class Verdict {
    static final Verdict TOP = new Verdict();

    boolean wanted() {
      return true;
    }

    /// Nothing below can be wanted.
    boolean prunes() {
      return false;
    }
  }

  Verdict judge(String path, Verdict parent) {
    return parent;
  }
}
