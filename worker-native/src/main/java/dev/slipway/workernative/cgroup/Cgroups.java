package dev.slipway.workernative.cgroup;

import dev.slipway.task.Clock;
import dev.slipway.usage.ProcMachine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/// The machine's cgroups. Where it has the old hierarchies, one for each controller, nothing is
/// measured. Immutable.
public final class Cgroups {
  private static final Path MOUNTED = Path.of("/sys/fs/cgroup");
  private static final Path DEVICES = Path.of("/sys/class/net");

  private final Path mounted;
  private final Path devices;
  private final ProcMachine machine;
  private final Clock clock;

  /// @param mounted where the hierarchy of all controllers is mounted, if there is one
  /// @param devices has a directory for each network device
  Cgroups(Path mounted, Path devices, ProcMachine machine, Clock clock) {
    this.mounted = mounted;
    this.devices = devices;
    this.machine = machine;
    this.clock = clock;
  }

  public static Cgroups local() {
    return new Cgroups(MOUNTED, DEVICES, ProcMachine.local(), Clock.system());
  }

  /// Whether all controllers are in one hierarchy.
  public boolean areUnified() {
    return Files.exists(mounted.resolve("cgroup.subtree_control"));
  }

  /// The cgroup for a step that is to run in that of a path. Caller closes.
  ///
  /// @param path from the hierarchy's root; or in a form of systemd's, which is not measured
  /// @param networkDevice the host's side of the step's own network, if it has one
  public StepCgroup forStep(String path, Optional<String> networkDevice) {
    if (!path.startsWith("/") || !areUnified()) {
      return new StepCgroup.Unmeasured(path);
    }
    Optional<DeviceGauge> device =
        networkDevice.map(name -> DeviceGauge.fromNow(devices.resolve(name).resolve("statistics")));
    return new MeasuredCgroup(
        Path.of(path), new CgroupGauge(directory(path), device), machine, clock);
  }

  /// Removes what a daemon that was killed left of a step's cgroup.
  ///
  /// @param path of the cgroup that the runtime knew, as [StepCgroup#path()] tells it
  public void sweep(String path) {
    if (path.startsWith("/") && areUnified() && path.endsWith("/" + MeasuredCgroup.INNER)) {
      MeasuredCgroup.remove(
          directory(Objects.requireNonNull(Path.of(path).getParent()).toString()));
    }
  }

  private Path directory(String path) {
    return mounted.resolve(Path.of("/").relativize(Path.of(path)));
  }
}
