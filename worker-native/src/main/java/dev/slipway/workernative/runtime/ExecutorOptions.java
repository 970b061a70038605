package dev.slipway.workernative.runtime;

import dev.slipway.executor.ContainerSpec.Network;
import dev.slipway.oci.Platform;
import dev.slipway.worker.WorkerProvider.Dns;
import dev.slipway.workernative.cgroup.Cgroups;
import java.util.List;
import java.util.Optional;

/// What is the same for all steps of an executor.
///
/// @param sandbox the network that steps have by default: the host's, none, or one of their own
/// @param networks where those come from; empty with another default
/// @param cgroupParent of steps that name none
/// @param platforms what this machine runs without emulation, its own first
public record ExecutorOptions(
    Network sandbox,
    Optional<StepNetworks> networks,
    Dns dns,
    Optional<String> cgroupParent,
    Cgroups cgroups,
    List<Platform> platforms) {
  public ExecutorOptions {
    platforms = List.copyOf(platforms);
  }

  /// No network, nothing special: enough to try a runtime.
  static ExecutorOptions trial() {
    return new ExecutorOptions(
        Network.NONE,
        Optional.empty(),
        new Dns(List.of(), List.of(), List.of()),
        Optional.empty(),
        Cgroups.local(),
        List.of(Platform.local()));
  }
}
