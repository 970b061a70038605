package dev.slipway.content;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.util.Locale;

/// Says what went wrong with the disk in our own words.
final class DiskFailure {
  private DiskFailure() {}

  static BuildFailure of(String doing, IOException failed) {
    String message = doing + ": " + failed.getMessage();
    String reason = String.valueOf(failed.getMessage()).toLowerCase(Locale.ROOT);
    if (reason.contains("no space left") || reason.contains("quota exceeded")) {
      return new Exhausted(message, failed);
    }
    if (failed instanceof ClosedByInterruptException) {
      return new Cancelled("context canceled", failed);
    }
    if (failed instanceof AccessDeniedException) {
      return new Denied(message, failed);
    }
    return new WrongState(message, failed);
  }
}
