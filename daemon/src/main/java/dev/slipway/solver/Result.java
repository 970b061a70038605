package dev.slipway.solver;

/// A counted hold on one output of an executed vertex. The holder closes it.
public interface Result extends AutoCloseable {
  /// A second hold on the same output, with a life of its own. Caller closes.
  Result share();

  /// Gives the hold up; idempotent, never fails.
  @Override
  void close();
}
