package dev.slipway.workernative.runtime;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerUser;
import dev.slipway.executor.Executor;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.workernative.cgroup.Cgroups;
import dev.slipway.workernative.cgroup.StepCgroup;
import dev.slipway.workernative.mount.KernelMounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Runs containers by runc, or a program with the same command line.
///
/// **One step** is one foreground `run`: the root is mounted here, everything else the runtime
/// mounts inside the container's own mount namespace, where it vanishes with the container. The
/// runtime removes the container itself when the process has ended, so no second process is needed.
///
/// **After a crash** containers of the old daemon may still run: [#open] deletes what the runtime's
/// state directory still names.
///
/// Thread-safe: runs share nothing but the common files of [NetworkFiles].
public final class RuncExecutor implements Executor {
  private static final String DEFAULT_CGROUP = "/buildkit";
  private static final String SPEC = "config.json";

  private final Kernel kernel;
  private final KernelMounter mounter;
  private final OciRuntime runtime;
  private final Path bundles;
  private final RuntimeSpec specs;
  private final NetworkFiles networkFiles;
  private final Defaults defaults;

  private RuncExecutor(
      Kernel kernel,
      KernelMounter mounter,
      OciRuntime runtime,
      Path bundles,
      RuntimeSpec specs,
      NetworkFiles networkFiles,
      Defaults defaults) {
    this.kernel = kernel;
    this.mounter = mounter;
    this.runtime = runtime;
    this.bundles = bundles;
    this.specs = specs;
    this.networkFiles = networkFiles;
    this.defaults = defaults;
  }

  /// What a step gets that does not ask for anything else.
  ///
  /// @param adjustment made to every step
  private record Defaults(
      ContainerSpec.Network sandbox,
      Optional<StepNetworks> networks,
      Optional<String> cgroupParent,
      Cgroups cgroups,
      StepAdjustment adjustment) {

    static Defaults of(ExecutorOptions options) {
      return new Defaults(
          options.sandbox(),
          options.networks(),
          options.cgroupParent(),
          options.cgroups(),
          StepAdjustment.NONE);
    }

    Defaults adjusted(StepAdjustment other) {
      return new Defaults(sandbox, networks, cgroupParent, cgroups, other);
    }

    /// Where a container's own network comes from, if it is to have one.
    Optional<StepNetworks> networksFor(ContainerSpec container) {
      boolean sandboxed = container.network() == ContainerSpec.Network.SANDBOX;
      return networks.filter(any -> sandboxed && container.proxy().isEmpty());
    }
  }

  /// An executor that shares everything with this one and changes each step before it runs.
  public Executor adjusted(StepAdjustment adjustment) {
    return new RuncExecutor(
        kernel, mounter, runtime, bundles, specs, networkFiles, defaults.adjusted(adjustment));
  }

  /// Clears away what an earlier daemon left, and is ready.
  ///
  /// @param directory of this executor alone, made when absent
  public static RuncExecutor open(
      Kernel kernel,
      KernelMounter mounter,
      OciRuntime runtime,
      Path directory,
      ExecutorOptions options) {
    Path bundles = directory.resolve("bundles");
    try {
      Files.createDirectories(runtime.state());
      Files.createDirectories(bundles);
      sweep(kernel, runtime, bundles, options.cgroups());
      String release = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
      Optional<SeccompProfile> seccomp =
          SeccompProfile.supported()
              ? Optional.of(SeccompProfile.load(options.platforms(), release))
              : Optional.empty();
      var machine =
          RuntimeSpec.Machine.of(
              seccomp, Capabilities.ofThisProcess(), canHideCgroups(options.cgroups()));
      return new RuncExecutor(
          kernel,
          mounter,
          runtime,
          bundles,
          new RuntimeSpec(machine),
          new NetworkFiles(directory, options.dns()),
          Defaults.of(options));
    } catch (IOException failed) {
      throw new WrongState("cannot prepare " + directory + ": " + failed.getMessage(), failed);
    }
  }

  private static void sweep(Kernel kernel, OciRuntime runtime, Path bundles, Cgroups cgroups)
      throws IOException {
    Path log = bundles.resolveSibling("sweep.log");
    try (Stream<Path> left = Files.list(runtime.state())) {
      for (Path container : left.toList()) {
        runtime.call(log, "delete", "--force", container.getFileName().toString());
        deleteTree(container);
      }
    }
    KernelMounter.unmountAll(kernel, bundles);
    try (Stream<Path> left = Files.list(bundles)) {
      for (Path bundle : left.toList()) {
        Path spec = bundle.resolve(SPEC);
        if (Files.exists(spec)) {
          RuntimeSpec.cgroupPath(Files.readString(spec)).ifPresent(cgroups::sweep);
        }
        deleteTree(bundle);
      }
    }
    Files.deleteIfExists(log);
  }

  public static void deleteTree(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.toList().reversed()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private static boolean canHideCgroups(Cgroups cgroups) {
    // With the old hierarchies a cgroup namespace fails on mixed set-ups (BuildKit issue 4108).
    return cgroups.areUnified() && Files.exists(Path.of("/proc/self/ns/cgroup"));
  }

  @Override
  public ExitStatus run(ContainerSpec wanted, ProcessSpec wantedProcess, ProcessIo io) {
    requireUsable(wanted);
    ContainerSpec container = spec(wanted);
    try (var prepared =
            PreparedContainer.prepare(
                kernel,
                mounter,
                container,
                defaults.networksFor(container),
                bundles.resolve(container.id()));
        StepCgroup cgroup =
            defaults.cgroups().forStep(cgroupPath(container), prepared.networkDevice())) {
      MemoryEvents memory = MemoryEvents.of(cgroup.path());
      ProcessSpec process =
          prepared.connected(
              defaults.adjustment().process(container, wantedProcess, prepared.rootfs()));
      ContainerUser user = prepared.prepare(process);
      writeSpec(prepared, process, user, cgroup.path());
      Path log = prepared.bundle().resolve("log");
      Path pidFile = prepared.bundle().resolve("pid");
      ProcessBuilder command =
          runtime.command(
              log,
              "run",
              "--bundle",
              prepared.bundle().toString(),
              "--pid-file",
              pidFile.toString(),
              container.id());
      try {
        cgroup.begin();
        int exitCode =
            new RunningProcess(kernel, pidFile, () -> delete(container.id(), log))
                .run(command, process, io);
        return new ExitStatus(exitCode, exitCode == 137 && memory.killedSince(), cgroup.usage());
      } finally {
        if (Files.exists(runtime.state().resolve(container.id()))) {
          delete(container.id(), log);
        }
      }
    }
  }

  /// A container without network has nothing that a proxy could lead out of.
  private ContainerSpec spec(ContainerSpec wanted) {
    ContainerSpec container = defaults.adjustment().container(wanted);
    return networkOf(container) == ContainerSpec.Network.NONE
        ? container.withProxy(Optional.empty())
        : container;
  }

  private ContainerSpec.Network networkOf(ContainerSpec container) {
    return container.network() == ContainerSpec.Network.SANDBOX
        ? defaults.sandbox()
        : container.network();
  }

  private void writeSpec(
      PreparedContainer prepared, ProcessSpec process, ContainerUser user, String cgroup) {
    ContainerSpec container = prepared.spec();
    var spec =
        new RuntimeSpec.Prepared(
            container,
            prepared.rootfs(),
            prepared.mounts(),
            networkFiles.hosts(
                RuntimeSpec.hostname(container), container.extraHosts(), prepared.bundle()),
            networkFiles.resolvConf(container.network()),
            networkOf(container),
            prepared.network(),
            cgroup);
    try {
      Files.writeString(prepared.bundle().resolve(SPEC), specs.json(spec, process, user));
    } catch (IOException failed) {
      throw new WrongState(
          "cannot write the spec of container " + container.id() + ": " + failed.getMessage(),
          failed);
    }
  }

  private String cgroupPath(ContainerSpec container) {
    String parent =
        container
            .cgroupParent()
            .filter(given -> !given.isEmpty())
            .or(defaults::cgroupParent)
            .orElse("");
    if (parent.isEmpty()) {
      return DEFAULT_CGROUP + "/" + container.id();
    }
    if (parent.contains(".slice") && parent.endsWith(":")) {
      return parent + container.id();
    }
    return Path.of("/", parent, DEFAULT_CGROUP, container.id()).normalize().toString();
  }

  private void delete(String id, Path log) {
    runtime.call(log, "delete", "--force", id);
  }

  private static void requireUsable(ContainerSpec container) {
    if (!container.id().matches("[A-Za-z0-9]{1,64}")) {
      throw new InvalidRequest("invalid container id \"" + container.id() + "\"");
    }
  }

  @Override
  public Container open(ContainerSpec wanted) {
    requireUsable(wanted);
    ContainerSpec container = spec(wanted);
    var prepared =
        PreparedContainer.prepare(
            kernel,
            mounter,
            container,
            defaults.networksFor(container),
            bundles.resolve(container.id()));
    var opened = new OpenContainer(kernel, runtime, specs, defaults.adjustment(), prepared);
    try {
      var nothing = new ProcessSpec(List.of("/proc/self/exe"), List.of(), "/", "", false);
      var root = new ContainerUser(0, 0, List.of(0L));
      writeSpec(prepared, nothing, root, cgroupPath(container));
      opened.create();
      return opened;
    } catch (BuildFailure failure) {
      opened.close();
      throw failure;
    }
  }

  /// How often the kernel has killed for want of memory below a cgroup's parent (cgroup v2; the
  /// count includes descendants, and ours is gone by the time it matters).
  private record MemoryEvents(Path file, long kills) {
    static MemoryEvents of(String cgroup) {
      Path parent = Path.of(cgroup).getParent();
      Path file =
          Path.of("/sys/fs/cgroup" + (parent == null ? "" : parent.toString()), "memory.events");
      return new MemoryEvents(file, read(file));
    }

    boolean killedSince() {
      return read(file) > kills;
    }

    private static long read(Path file) {
      try {
        List<String> lines = Files.readAllLines(file);
        return lines.stream()
            .filter(line -> line.startsWith("oom_kill "))
            .mapToLong(line -> Long.parseLong(line.substring(9)))
            .sum();
      } catch (IOException absent) {
        return 0;
      }
    }
  }
}
