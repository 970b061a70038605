package dev.slipway.workernative.runtime;

import dev.slipway.executor.ContainerSpec;
import java.nio.file.Path;
import java.util.Optional;

/// Networks of their own for steps that ask for no special one. Thread-safe.
public interface StepNetworks extends AutoCloseable {
  /// A network that no other container is in. Caller closes. Blocks while one is made.
  ///
  /// @throws dev.slipway.failure.BuildFailure when none can be made; nothing is left of it then
  StepNetwork take(ContainerSpec container);

  /// Ends the networks that nobody is in; those in use end when they are closed.
  @Override
  void close();

  /// One network, held. Closing gives it back, and never fails: what cannot be cleared away is
  /// logged and tried again when the next daemon starts.
  interface StepNetwork extends AutoCloseable {
    /// What names the network to a container runtime; host path.
    Path handle();

    /// The device that the host sees of it, where there is exactly one to be known.
    Optional<String> hostDevice();

    @Override
    void close();
  }
}
