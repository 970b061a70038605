package dev.slipway.solver;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Denied;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.TimedOut;
import dev.slipway.failure.Unauthenticated;
import dev.slipway.failure.Unavailable;

/// What it looks like when something of a result is not where the cache said it is.
public final class Loss {
  private Loss() {}

  /// Whether the failure may come from one. Any other trouble would come again with another result.
  public static boolean mayExplain(Throwable failure) {
    return switch (failure) {
      case NotFound _, Unavailable _, CorruptData _, Denied _, Unauthenticated _, TimedOut _ ->
          true;
      default -> false;
    };
  }
}
