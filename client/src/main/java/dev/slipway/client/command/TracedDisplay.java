package dev.slipway.client.command;

import dev.slipway.api.control.StatusResponse;
import dev.slipway.client.progress.ProgressDisplay;
import dev.slipway.client.progress.RawJsonDisplay;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Shows the progress and writes it to a file as well (`buildctl build --trace`). Confined to one
/// thread.
final class TracedDisplay implements ProgressDisplay {
  private final ProgressDisplay shown;
  private final RawJsonDisplay written;
  private final PrintStream file;

  private TracedDisplay(ProgressDisplay shown, PrintStream file) {
    this.shown = shown;
    this.written = new RawJsonDisplay(file);
    this.file = file;
  }

  /// Takes over the display, and makes or empties the file.
  static TracedDisplay open(ProgressDisplay shown, Path file) throws IOException {
    return new TracedDisplay(
        shown, new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8));
  }

  @Override
  public void show(StatusResponse update) {
    shown.show(update);
    written.show(update);
  }

  @Override
  public void close() {
    try (file) {
      written.close();
    } finally {
      shown.close();
    }
  }
}
