package dev.slipway.workernative.runtime;

import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A runtime's foreground process (`run`, `exec`) with its streams pumped, until it ends. The
/// streams are the container process's own; the runtime only hands them on. Back-pressure: nothing
/// is read ahead of what the receiver takes.
final class RunningProcess {
  private static final long PATIENCE_MILLIS = 5_000;

  private final Kernel kernel;
  private final Path pidFile;
  private final Runnable giveUp;

  /// @param pidFile where the runtime writes the process id of the container's process
  /// @param giveUp removes the container by force, when killing did not help
  RunningProcess(Kernel kernel, Path pidFile, Runnable giveUp) {
    this.kernel = kernel;
    this.pidFile = pidFile;
    this.giveUp = giveUp;
  }

  /// Starts the command, on a terminal if wanted, and waits for its end.
  ///
  /// @return exit code
  /// @throws dev.slipway.failure.Cancelled when interrupted; the process is dead by then
  int run(ProcessBuilder command, ProcessSpec spec, ProcessIo io) {
    if (!spec.terminal()) {
      return run(command, new ProcessStreams.Pipes(io.stdin().isPresent()), io);
    }
    try (Kernel.Terminal terminal = kernel.openTerminal()) {
      return run(command, new ProcessStreams.OnTerminal(kernel, terminal), io);
    }
  }

  private int run(ProcessBuilder command, ProcessStreams streams, ProcessIo io) {
    Process process;
    try {
      process = streams.start(command);
    } catch (IOException failed) {
      throw new WrongState(
          "cannot start " + command.command().getFirst() + ": " + failed.getMessage(), failed);
    }
    try (TaskScope input = TaskScope.open("step-input");
        TaskScope output = TaskScope.open("step-output")) {
      try {
        io.started().run();
        io.control().ifPresent(control -> control.attach(new Signals(process, streams)));
        io.stdin().ifPresent(in -> input.forkAction(() -> streams.feed(in, process)));
        for (ProcessStreams.Pump pump : streams.outputs(process, io.stdout(), io.stderr())) {
          output.forkAction(() -> pump(pump, process));
        }
        int exitCode = process.waitFor();
        output.join();
        return exitCode;
      } catch (InterruptedException interrupted) {
        kill(process);
        throw Interruption.cancelled(interrupted);
      } catch (RuntimeException failed) {
        kill(process);
        throw failed;
      }
    }
  }

  /// When nobody takes the output any more the process would wait for ever, so it is killed.
  private void pump(ProcessStreams.Pump pump, Process process) throws IOException {
    try {
      pump.run();
    } catch (IOException | BuildFailure broken) {
      kill(process);
      throw broken;
    }
  }

  /// Kills the container's first process, and with it everything in its PID namespace, then waits
  /// for the runtime to clean up.
  private void kill(Process process) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    boolean interrupted = Thread.interrupted();
    try {
      while (process.isAlive() && System.nanoTime() < deadline) {
        // The runtime may still be starting, so there may be nobody to kill yet.
        containerProcess().ifPresent(pid -> signal(pid, 9));
        try {
          process.waitFor(5, TimeUnit.MILLISECONDS);
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
      if (process.isAlive()) {
        process.destroyForcibly();
        Processes.waitUninterrupted(process);
        giveUp.run();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Optional<Long> containerProcess() {
    try {
      String text = Files.readString(pidFile).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(Long.parseLong(text));
    } catch (IOException notYet) {
      return Optional.empty();
    }
  }

  private void signal(long pid, int signal) {
    try {
      kernel.signal(pid, signal);
    } catch (NotFound | WrongState gone) {
      // ESRCH: it has ended by itself.
    }
  }

  private final class Signals implements ProcessIo.Steering {
    private final Process process;
    private final ProcessStreams streams;

    Signals(Process process, ProcessStreams streams) {
      this.process = process;
      this.streams = streams;
    }

    @Override
    public void resize(int rows, int columns) {
      if (process.isAlive()) {
        streams.resize(process, rows, columns);
      }
    }

    @Override
    public void signal(String name) {
      int number = SignalNumbers.require(name);
      awaitContainerProcess().ifPresent(pid -> RunningProcess.this.signal(pid, number));
    }

    /// The runtime says that it runs before the container's process does.
    private Optional<Long> awaitContainerProcess() {
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
      try {
        while (process.isAlive() && System.nanoTime() < deadline) {
          Optional<Long> found = containerProcess();
          if (found.isPresent()) {
            return found;
          }
          TimeUnit.MILLISECONDS.sleep(5);
        }
        return Optional.empty();
      } catch (InterruptedException interrupted) {
        throw Interruption.cancelled(interrupted);
      }
    }
  }
}
