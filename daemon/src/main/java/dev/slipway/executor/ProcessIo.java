package dev.slipway.executor;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/// Where a process's streams go. The executor reads and writes until the process ends; it closes
/// none of them.
///
/// @param stdin absent: `/dev/null`; its reads must end when their thread is interrupted, which
///   happens when the process ends first
/// @param control window sizes and signals for the process while it runs, absent when there are
///   none
/// @param started called once, before any output, when the process runs
public record ProcessIo(
    Optional<InputStream> stdin,
    OutputStream stdout,
    OutputStream stderr,
    Optional<Control> control,
    Runnable started) {
  /// Output only.
  public static ProcessIo output(OutputStream stdout, OutputStream stderr) {
    return new ProcessIo(Optional.empty(), stdout, stderr, Optional.empty(), () -> {});
  }

  /// Receives the handle by which a running process is steered.
  @FunctionalInterface
  public interface Control {
    void attach(Steering process);
  }

  public interface Steering {
    void resize(int rows, int columns);

    /// @param signal name without `SIG`, such as `TERM`
    /// @throws dev.slipway.failure.InvalidRequest unknown signal
    void signal(String signal);
  }
}
