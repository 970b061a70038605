package dev.slipway.executor;

import dev.slipway.usage.StepUsage;
import java.util.Optional;

/// Runs processes in containers.
public interface Executor {
  /// Runs one process in a container of its own, from its start to its end; blocks. Interruption
  /// kills the container at once and waits until it is gone. After return (however it ends) no
  /// process, mount or cgroup of it is left.
  ///
  /// @return how it ended; a non-zero exit is an answer, not a failure. So is a program that is
  ///   missing or a container the runtime refuses: exit code 1, with the runtime's words on the
  ///   error stream, as BuildKit's users know it
  /// @throws dev.slipway.failure.BuildFailure when it could not be prepared (`InvalidRequest` for
  ///   an unknown user or an impossible working directory, `NotFound` for a mount's missing
  ///   selector)
  ExitStatus run(ContainerSpec container, ProcessSpec process, ProcessIo io);

  /// Starts a container that stays until closed, in which processes are started with
  /// [Container#exec]. Its first process is given to `exec` like any other. Caller closes, which
  /// kills what runs.
  Container open(ContainerSpec container);

  interface Container extends AutoCloseable {
    String id();

    /// Starts a process; blocks until it ended. Several may run at once. Interruption kills this
    /// process.
    ExitStatus exec(ProcessSpec process, ProcessIo io);

    @Override
    void close();
  }

  /// @param exitCode 0-255; 128+n for a signal
  /// @param outOfMemory the kernel killed it for memory
  /// @param usage what all its processes used; empty where that cannot be told apart from others
  record ExitStatus(int exitCode, boolean outOfMemory, Optional<StepUsage> usage) {

    /// Of a process whose usage nobody knows.
    public ExitStatus(int exitCode, boolean outOfMemory) {
      this(exitCode, outOfMemory, Optional.empty());
    }
  }
}
