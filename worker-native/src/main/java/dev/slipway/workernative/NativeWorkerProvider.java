package dev.slipway.workernative;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.oci.Platform;
import dev.slipway.snapshot.Mount;
import dev.slipway.task.TaskScope;
import dev.slipway.worker.Worker;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.workernative.cgroup.Cgroups;
import dev.slipway.workernative.cni.NetworkChoice;
import dev.slipway.workernative.linux.LinuxKernel;
import dev.slipway.workernative.mount.KernelMounter;
import dev.slipway.workernative.overlay.OverlaySnapshotter;
import dev.slipway.workernative.platform.NativePlatforms;
import dev.slipway.workernative.runtime.ExecutorOptions;
import dev.slipway.workernative.runtime.OciRuntime;
import dev.slipway.workernative.runtime.RuncExecutor;
import dev.slipway.workernative.runtime.RuntimeChoice;
import dev.slipway.workernative.runtime.StepNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens the native worker. Keeps to `<root>/workers/native`, `<root>/snapshots` and
/// `<root>/mounts`.
public final class NativeWorkerProvider implements WorkerProvider {
  private static final Logger log = LoggerFactory.getLogger(NativeWorkerProvider.class);
  private static final String LABEL = "org.mobyproject.buildkit.worker.";

  @Override
  public int order() {
    return 0;
  }

  @Override
  public List<Worker> open(Environment environment, List<Worker> earlier) {
    Settings settings = environment.settings();
    Kernel kernel = new LinuxKernel();
    Path directory = environment.root().resolve("workers").resolve("native");
    try {
      Files.createDirectories(directory);
      requireRoot();
    } catch (IOException failed) {
      throw new WrongState("cannot make " + directory + ": " + failed.getMessage(), failed);
    }
    KernelMounter mounter = KernelMounter.open(kernel, environment.root().resolve("mounts"));
    OciRuntime runtime;
    try (TaskScope trials = TaskScope.open("trials")) {
      TaskScope.Forked<?> overlay = trials.forkAction(() -> requireOverlay(mounter, directory));
      runtime = new RuntimeChoice(kernel, mounter, directory).choose(settings);
      overlay.result();
    }
    List<Platform> platforms = platforms(settings, kernel, directory);
    NetworkChoice network =
        NetworkChoice.make(settings.network(), kernel, directory.resolve("networks"));
    try {
      var options =
          new ExecutorOptions(
              network.sandbox(),
              network.networks(),
              settings.dns(),
              settings.cgroupParent(),
              Cgroups.local(),
              platforms);
      RuncExecutor executor =
          RuncExecutor.open(kernel, mounter, runtime, directory.resolve("executor"), options);
      OverlaySnapshotter snapshotter =
          OverlaySnapshotter.open(kernel, environment.root().resolve("snapshots"));
      var storage = new Worker.Storage(snapshotter, mounter, kernel);
      String id = WorkerIdentity.of(directory.resolve("id"));
      log.debug("native worker {} uses {}", id, runtime.program());
      Map<String, String> labels = labels(settings, network.label());
      return List.of(
          new NativeWorker(id, labels, platforms, executor, storage, network.networks()));
    } catch (BuildFailure failure) {
      network.networks().ifPresent(StepNetworks::close);
      throw failure;
    }
  }

  private static List<Platform> platforms(Settings settings, Kernel kernel, Path directory) {
    List<Platform> detected = NativePlatforms.detect(kernel, directory);
    // What the operator announces beyond the machine's own architecture is for the emulating
    // worker.
    List<Platform> announced =
        settings.platforms().stream()
            .map(Platform::parse)
            .filter(
                platform ->
                    detected.stream()
                        .anyMatch(own -> own.architecture().equals(platform.architecture())))
            .toList();
    return announced.isEmpty() ? detected : announced;
  }

  static Map<String, String> labels(Settings settings, String network) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(LABEL + "executor", "oci");
    labels.put(LABEL + "hostname", hostname());
    labels.put(LABEL + "network", network);
    labels.put(LABEL + "oci.process-mode", "sandbox");
    labels.put(LABEL + "selinux.enabled", "false");
    labels.put(LABEL + "snapshotter", "overlayfs");
    labels.putAll(settings.labels());
    return labels;
  }

  private static String hostname() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException unreadable) {
      return "unknown";
    }
  }

  private static void requireRoot() throws IOException {
    if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
      throw new Denied(
          "the native worker mounts filesystems and starts containers, which needs root: start the daemon as root");
    }
  }

  private static void requireOverlay(KernelMounter mounter, Path directory) {
    try {
      Path probe = Files.createDirectories(directory.resolve("overlay-probe"));
      Path lower = Files.createDirectories(probe.resolve("lower"));
      Path upper = Files.createDirectories(probe.resolve("upper"));
      Path work = Files.createDirectories(probe.resolve("work"));
      try {
        mounter
            .mount(
                List.of(
                    new Mount.Overlay(List.of(lower), Optional.of(new Mount.Upper(upper, work)))))
            .close();
      } finally {
        RuncExecutor.deleteTree(probe);
      }
    } catch (IOException | BuildFailure failed) {
      throw new Unsupported(
          "overlayfs does not work in "
              + directory
              + " (is it itself on an overlay? give the daemon a root on another filesystem): "
              + failed.getMessage(),
          failed);
    }
  }
}
