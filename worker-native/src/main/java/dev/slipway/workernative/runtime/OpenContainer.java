package dev.slipway.workernative.runtime;

import dev.slipway.executor.ContainerUser;
import dev.slipway.executor.Executor;
import dev.slipway.executor.Executor.ExitStatus;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// A container that was created and stays: its first process is the runtime's own, which waits for
/// a start that never comes, and every process of the user is one more in it. Thread-safe.
final class OpenContainer implements Executor.Container {
  private final Kernel kernel;
  private final OciRuntime runtime;
  private final RuntimeSpec specs;
  private final StepAdjustment adjustment;
  private final PreparedContainer prepared;
  private final AtomicInteger processes = new AtomicInteger();
  private boolean open = true;
  private int running;

  OpenContainer(
      Kernel kernel,
      OciRuntime runtime,
      RuntimeSpec specs,
      StepAdjustment adjustment,
      PreparedContainer prepared) {
    this.kernel = kernel;
    this.runtime = runtime;
    this.specs = specs;
    this.adjustment = adjustment;
    this.prepared = prepared;
  }

  /// Creates the container from the spec in its bundle.
  void create() {
    Path log = prepared.bundle().resolve("log");
    int exitCode = runtime.call(log, "create", "--bundle", prepared.bundle().toString(), id());
    if (exitCode != 0) {
      throw new WrongState("cannot create container: " + RuntimeLog.lastError(log));
    }
  }

  @Override
  public String id() {
    return prepared.spec().id();
  }

  @Override
  public ExitStatus exec(ProcessSpec wanted, ProcessIo io) {
    enter();
    try {
      return run(wanted, io);
    } finally {
      leave();
    }
  }

  private ExitStatus run(ProcessSpec wanted, ProcessIo io) {
    ProcessSpec process =
        prepared.connected(adjustment.process(prepared.spec(), wanted, prepared.rootfs()));
    ContainerUser user = prepared.prepare(process);
    int number = processes.incrementAndGet();
    Path file = prepared.bundle().resolve("process-" + number + ".json");
    Path pidFile = prepared.bundle().resolve("pid-" + number);
    Path log = prepared.bundle().resolve("log-" + number);
    try {
      Files.writeString(file, JsonText.of(specs.process(process, user, prepared.spec())));
    } catch (IOException failed) {
      throw new WrongState("cannot write " + file + ": " + failed.getMessage(), failed);
    }
    ProcessBuilder command =
        runtime.command(
            log, "exec", "--process", file.toString(), "--pid-file", pidFile.toString(), id());
    return new ExitStatus(
        new RunningProcess(kernel, pidFile, () -> {}).run(command, process, io), false);
  }

  @Override
  public void close() {
    synchronized (this) {
      if (!open) {
        return;
      }
      open = false;
    }
    runtime.call(prepared.bundle().resolve("log"), "delete", "--force", id());
    awaitProcesses();
    prepared.close();
  }

  private synchronized void enter() {
    if (!open) {
      throw new WrongState("container " + id() + " is closed");
    }
    running++;
  }

  private synchronized void leave() {
    running--;
    notifyAll();
  }

  private void awaitProcesses() {
    boolean interrupted = false;
    synchronized (this) {
      while (running > 0) {
        try {
          wait();
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
