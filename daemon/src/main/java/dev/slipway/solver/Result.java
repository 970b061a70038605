package dev.slipway.solver;

/// A counted hold on one output of an executed vertex. The holder closes it.
public interface Result extends AutoCloseable {
  /// A second hold on the same output, with a life of its own. Caller closes.
  Result share();

  /// Whether something that it is made of was needed and is known to be gone. Cheap, and never
  /// blocks: nothing is looked for.
  default boolean isLost() {
    return false;
  }

  /// Gives the hold up; idempotent, never fails.
  @Override
  void close();
}
