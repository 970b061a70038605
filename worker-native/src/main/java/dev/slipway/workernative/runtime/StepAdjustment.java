package dev.slipway.workernative.runtime;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ProcessSpec;
import java.nio.file.Path;

/// What another worker changes about a step before it runs here: how an emulator gets into it.
/// Stateless or thread-safe.
public interface StepAdjustment {
  /// The container, before anything is mounted.
  ContainerSpec container(ContainerSpec container);

  /// The process, when its root is mounted.
  ///
  /// @param rootfs host path of the mounted root
  ProcessSpec process(ContainerSpec container, ProcessSpec process, Path rootfs);

  /// Nothing is changed.
  StepAdjustment NONE =
      new StepAdjustment() {
        @Override
        public ContainerSpec container(ContainerSpec container) {
          return container;
        }

        @Override
        public ProcessSpec process(ContainerSpec container, ProcessSpec process, Path rootfs) {
          return process;
        }
      };
}
