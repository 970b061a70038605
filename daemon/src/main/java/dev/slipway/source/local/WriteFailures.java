package dev.slipway.source.local;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/// What the file system said, as failures of ours.
final class WriteFailures {
  private WriteFailures() {}

  static BuildFailure of(IOException failed, Path path) {
    String reason =
        failed instanceof FileSystemException system && system.getReason() != null
            ? system.getReason()
            : failed.toString();
    String text = "cannot write " + path + ": " + reason;
    if (failed instanceof AccessDeniedException) {
      return new Denied(text, failed);
    }
    boolean full = reason.contains("No space left") || reason.contains("Disk quota exceeded");
    return full ? new Exhausted(text, failed) : new WrongState(text, failed);
  }
}
