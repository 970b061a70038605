package dev.slipway.op;

import java.util.Optional;

/// Closing several holds so that every one is closed whatever the others do.
final class Holds {
  private Holds() {}

  /// Closes in the order given. The first failure is thrown at the end, later ones are added to it.
  static void closeAll(Iterable<? extends AutoCloseable> holds) {
    Optional<RuntimeException> first = Optional.empty();
    for (AutoCloseable hold : holds) {
      try {
        hold.close();
      } catch (RuntimeException failure) {
        first = Optional.of(merged(first, failure));
      } catch (Exception failure) {
        first = Optional.of(merged(first, new IllegalStateException(failure)));
      }
    }
    if (first.isPresent()) {
      throw first.get();
    }
  }

  private static RuntimeException merged(Optional<RuntimeException> first, RuntimeException next) {
    first.ifPresent(earlier -> earlier.addSuppressed(next));
    return first.orElse(next);
  }
}
