package dev.slipway.solver;

/// Holds on results.
final class Holds {
  private Holds() {}

  /// A second hold of the same type, as every result's `share` gives.
  @SuppressWarnings("unchecked")
  static <R extends Result> R share(R result) {
    return (R) result.share();
  }
}
