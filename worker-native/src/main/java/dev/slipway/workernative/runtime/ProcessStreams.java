package dev.slipway.workernative.runtime;

import dev.slipway.failure.BuildFailure;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How a runtime's process is connected: by pipes, or by a terminal.
sealed interface ProcessStreams {
  int BUFFER = 32 << 10;

  /// Starts the command so connected.
  Process start(ProcessBuilder command) throws IOException;

  /// Hands on the process's output until it ends; one task each.
  List<Pump> outputs(Process process, OutputStream stdout, OutputStream stderr);

  /// Hands on input until it ends or the process takes no more.
  void feed(InputStream input, Process process);

  void resize(Process process, int rows, int columns);

  @FunctionalInterface
  interface Pump {
    void run() throws IOException;
  }

  /// @param input whether anything is to be read; nothing means `/dev/null`
  record Pipes(boolean input) implements ProcessStreams {
    @Override
    public Process start(ProcessBuilder command) throws IOException {
      if (!input) {
        command.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      }
      return command.start();
    }

    @Override
    public List<Pump> outputs(Process process, OutputStream stdout, OutputStream stderr) {
      return List.of(
          () -> copy(process.getInputStream(), stdout),
          () -> copy(process.getErrorStream(), stderr));
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
      byte[] buffer = new byte[BUFFER];
      int read;
      while ((read = from.read(buffer)) >= 0) {
        to.write(buffer, 0, read);
      }
      to.flush();
    }

    @Override
    public void feed(InputStream from, Process process) {
      try (OutputStream to = process.getOutputStream()) {
        byte[] buffer = new byte[BUFFER];
        int read;
        while ((read = from.read(buffer)) >= 0) {
          to.write(buffer, 0, read);
          to.flush();
        }
      } catch (IOException ended) {
        // The process closed its standard input or ended; its exit code says the rest.
      }
    }

    @Override
    public void resize(Process process, int rows, int columns) {
      // No terminal, nothing to resize.
    }
  }

  /// The runtime sits on a terminal of ours and copies between it and the one it makes in the
  /// container.
  record OnTerminal(Kernel kernel, Kernel.Terminal terminal) implements ProcessStreams {
    private static final int WINDOW_CHANGED = 28;

    @Override
    public Process start(ProcessBuilder command) throws IOException {
      // The shell opens the terminal, not this process: a session leader that opens one gets it as
      // its own.
      List<String> line = new ArrayList<>();
      line.addAll(List.of("/bin/sh", "-c", "exec \"$@\" <\"$0\" >\"$0\" 2>&1"));
      line.add(terminal.device().toString());
      line.addAll(command.command());
      command.command(line);
      command.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      command.redirectOutput(ProcessBuilder.Redirect.DISCARD);
      command.redirectError(ProcessBuilder.Redirect.DISCARD);
      return command.start();
    }

    @Override
    public List<Pump> outputs(Process process, OutputStream stdout, OutputStream stderr) {
      return List.of(
          () -> {
            byte[] buffer = new byte[BUFFER];
            int read;
            while ((read = terminal.read(buffer)) >= 0) {
              stdout.write(buffer, 0, read);
              stdout.flush();
            }
          });
    }

    @Override
    public void feed(InputStream from, Process process) {
      try {
        byte[] buffer = new byte[BUFFER];
        int read;
        while ((read = from.read(buffer)) >= 0) {
          terminal.write(buffer, read);
        }
      } catch (IOException | BuildFailure ended) {
        // Nobody is on the terminal any more.
      }
    }

    @Override
    public void resize(Process process, int rows, int columns) {
      terminal.resize(rows, columns);
      kernel.signal(process.pid(), WINDOW_CHANGED);
    }
  }
}
