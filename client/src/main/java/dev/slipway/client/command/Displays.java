package dev.slipway.client.command;

import dev.slipway.api.control.StatusResponse;
import dev.slipway.client.progress.PlainDisplay;
import dev.slipway.client.progress.ProgressDisplay;
import dev.slipway.client.progress.RawJsonDisplay;
import dev.slipway.client.progress.TerminalDisplay;
import dev.slipway.failure.InvalidRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/// Picks the display that `--progress` names.
final class Displays {
  private Displays() {}

  /// @param mode `auto`, `tty`, `plain`, `rawjson`, `quiet`, `none`
  /// @param terminal whether the progress goes to one
  static ProgressDisplay open(String mode, boolean terminal, PrintStream err) {
    Clock clock = Clock.systemUTC();
    return switch (mode) {
      case "auto" ->
          terminal
              ? new TerminalDisplay(err, clock, new AskedSize())
              : new PlainDisplay(err, clock);
      case "tty" -> new TerminalDisplay(err, clock, new AskedSize());
      case "plain" -> new PlainDisplay(err, clock);
      case "rawjson" -> new RawJsonDisplay(err);
      case "quiet", "none" -> new Nothing();
      default ->
          throw new InvalidRequest(
              "invalid progress mode \""
                  + mode
                  + "\": want auto, tty, plain, rawjson, quiet or none");
    };
  }

  private static final class Nothing implements ProgressDisplay {
    @Override
    public void show(StatusResponse update) {
      // said to be quiet
    }

    @Override
    public void close() {
      // nothing was shown
    }
  }

  /// What `stty size` says of the terminal, asked once a second at most.
  private static final class AskedSize implements TerminalDisplay.Size {
    private long askedAt;
    private int rows = 24;
    private int columns = 80;

    @Override
    public int columns() {
      ask();
      return columns;
    }

    @Override
    public int rows() {
      ask();
      return rows;
    }

    private void ask() {
      long now = System.nanoTime();
      if (askedAt != 0 && now - askedAt < TimeUnit.SECONDS.toNanos(1)) {
        return;
      }
      askedAt = now;
      try {
        Process stty =
            new ProcessBuilder("stty", "size")
                .redirectInput(new java.io.File("/dev/tty"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String[] size =
            new String(stty.getInputStream().readNBytes(64), StandardCharsets.UTF_8)
                .strip()
                .split(" ");
        if (size.length == 2) {
          rows = Math.max(5, Integer.parseInt(size[0]));
          columns = Math.max(20, Integer.parseInt(size[1]));
        }
      } catch (IOException | NumberFormatException _) {
        // no terminal to ask: the usual size will do
      }
    }
  }
}
