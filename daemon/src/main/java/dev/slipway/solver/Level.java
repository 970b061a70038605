package dev.slipway.solver;

/// How much is wanted of an edge, and how far an edge has come. Each level includes those before
/// it.
enum Level {
  /// Nothing: an edge that nobody wants does no work.
  NONE,
  /// The keys that follow from the definition alone.
  FAST,
  /// The keys that can be found at all, if need be by looking at the content of inputs.
  SLOW,
  /// The result.
  RESULT;

  boolean reaches(Level wanted) {
    return compareTo(wanted) >= 0;
  }

  Level max(Level other) {
    return reaches(other) ? this : other;
  }
}
