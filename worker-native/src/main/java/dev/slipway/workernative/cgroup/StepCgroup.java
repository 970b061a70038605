package dev.slipway.workernative.cgroup;

import dev.slipway.usage.StepUsage;
import java.util.Optional;

/// The cgroup of one step, which the container runtime makes. Confined to the thread that runs the
/// step.
public sealed interface StepCgroup extends AutoCloseable
    permits MeasuredCgroup, StepCgroup.Unmeasured {
  /// As the runtime wants it.
  String path();

  /// Says that the step begins.
  void begin();

  /// What was used since [#begin], now that the step has ended.
  ///
  /// @return empty when nothing is measured, or nothing began
  Optional<StepUsage> usage();

  /// Removes what the runtime leaves of it.
  @Override
  void close();

  /// One in which nothing is measured.
  record Unmeasured(String path) implements StepCgroup {
    @Override
    public void begin() {}

    @Override
    public Optional<StepUsage> usage() {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }
}
