package dev.slipway.llbsolver;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerSpec.ContainerMount;
import dev.slipway.executor.ContainerSpec.LinuxResources;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.Executor;
import dev.slipway.executor.Executor.ExitStatus;
import dev.slipway.executor.NetworkProxy;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.FrontendRef.ByteRange;
import dev.slipway.frontend.gateway.GatewayContainer;
import dev.slipway.frontend.gateway.GatewayContainers;
import dev.slipway.fsutil.Stat;
import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecOp.NetworkMode;
import dev.slipway.llb.ExecOp.SecurityMode;
import dev.slipway.llb.Mount;
import dev.slipway.oci.Platform;
import dev.slipway.op.ExecMounts;
import dev.slipway.op.OpServices;
import dev.slipway.op.RefResult;
import dev.slipway.op.StepProcess;
import dev.slipway.op.StepProcess.Isolation;
import dev.slipway.ref.FetchContext;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.worker.Worker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// One interactive container: its mounts are taken up at once, it runs from its first process on.
///
/// Guarded by its own lock. What uses the container counts itself in; closing waits for all of them
/// before it gives the mounts up.
final class BuildContainer implements GatewayContainer, AutoCloseable {
  private static final String UNIX_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final String WINDOWS_PATH =
      "c:\\Windows\\System32;c:\\Windows;C:\\Windows\\System32\\WindowsPowerShell\\v1.0";

  private final GatewayContainers.Request request;
  private final Surroundings around;
  private final Worker worker;
  private final Platform platform;
  private final List<RefResult> shown;
  private final ExecMounts mounts;

  private Optional<Executor.Container> running = Optional.empty();
  private boolean stopped;
  private boolean released;
  private int users;
  private int processes;

  /// What containers of a build use.
  ///
  /// @param proxy the only way to the network, if there is to be only one
  record Surroundings(
      OpServices services,
      FetchContext context,
      TreeReader reader,
      Entitlements entitlements,
      Supplier<Optional<NetworkProxy>> proxy) {}

  private BuildContainer(
      GatewayContainers.Request request,
      Surroundings around,
      Worker worker,
      Platform platform,
      List<RefResult> shown,
      ExecMounts mounts) {
    this.request = request;
    this.around = around;
    this.worker = worker;
    this.platform = platform;
    this.shown = shown;
    this.mounts = mounts;
  }

  /// Takes the mounts up. Caller closes.
  ///
  /// @param results a hold on what a mount shows; the container closes it
  static BuildContainer open(
      GatewayContainers.Request request,
      Function<Mount, Optional<RefResult>> results,
      Surroundings around) {
    Platform local = around.services().workers().platforms().getFirst();
    Platform wanted = request.platform().orElse(local);
    // Of a foreign system only the environment of its processes tells; without an architecture it
    // is this one.
    boolean runnable = wanted.os().equals(local.os()) && !wanted.architecture().isEmpty();
    Platform platform = runnable ? wanted : local;
    Worker worker = around.services().workers().forPlatform(platform);
    List<RefResult> shown = new ArrayList<>();
    try {
      List<Mount> numbered = new ArrayList<>();
      for (Mount mount : request.mounts()) {
        Optional<RefResult> result = results.apply(mount);
        numbered.add(result.isPresent() ? mount.withInput(OptionalInt.of(shown.size())) : mount);
        result.ifPresent(shown::add);
      }
      if (numbered.stream().noneMatch(Mount::isRoot)) {
        throw new InvalidRequest("container " + request.id() + " has no mount for /");
      }
      ExecMounts mounts =
          ExecMounts.prepare(
              new ExecMounts.Wanted(numbered, "", "container " + request.id()),
              shown,
              around.services(),
              around.context());
      return new BuildContainer(request, around, worker, platform, shown, mounts);
    } catch (RuntimeException failure) {
      shown.forEach(RefResult::close);
      throw failure;
    }
  }

  @Override
  public ExitStatus run(Process process, ProcessIo io) {
    requireAllowed(process);
    ProcessSpec spec = spec(process);
    enter();
    count(1);
    try {
      Started started = start(process);
      try {
        ExitStatus status = started.container().exec(spec, io);
        requireUnreleased();
        return status;
      } finally {
        if (started.main()) {
          stop();
        }
      }
    } catch (BuildFailure failure) {
      requireUnreleased();
      throw failure;
    } finally {
      count(-1);
      leave();
    }
  }

  private synchronized void count(int more) {
    processes += more;
  }

  /// The container for one more process.
  ///
  /// @param main the process is the one that the container lives and dies with
  private record Started(Executor.Container container, boolean main) {}

  /// The lock is held while the container starts: nothing can be done with it before.
  private synchronized Started start(Process process) {
    if (stopped) {
      throw new WrongState("container " + request.id() + " has stopped: its first process ended");
    }
    if (running.isPresent()) {
      return new Started(running.get(), false);
    }
    running = Optional.of(worker.executor().open(container(process)));
    return new Started(running.get(), true);
  }

  private void stop() {
    Optional<Executor.Container> container;
    synchronized (this) {
      stopped = true;
      container = running;
    }
    container.ifPresent(Executor.Container::close);
  }

  private void requireAllowed(Process process) {
    if (process.security() == SecurityMode.INSECURE) {
      around.entitlements().require(Entitlements.SECURITY_INSECURE);
    }
    if (request.network() == NetworkMode.HOST) {
      around.entitlements().require(Entitlements.NETWORK_HOST);
    }
  }

  private ContainerSpec container(Process process) {
    ExecMeta meta =
        new ExecMeta(
            process.meta().args(),
            process.meta().env(),
            process.meta().cwd(),
            process.meta().user(),
            Optional.empty(),
            request.extraHosts(),
            request.hostname(),
            List.of(),
            "",
            process.meta().removeMountStubsRecursive(),
            List.of());
    ContainerSpec container =
        StepProcess.container(
            new Isolation(
                platform,
                request.network(),
                process.security(),
                LinuxResources.UNLIMITED,
                DeviceEdits.NONE),
            mounts,
            meta);
    List<ContainerMount> more = request.shared().stream().map(BuildContainer::shown).toList();
    return container
        .withMounts(Stream.concat(container.mounts().stream(), more.stream()).toList())
        .withProxy(around.proxy().get());
  }

  private static ContainerMount shown(GatewayContainers.SharedDirectory shared) {
    return new ContainerMount(
        shared.destination(),
        List.of(new dev.slipway.snapshot.Mount.Bind(shared.source(), true)),
        "",
        true);
  }

  private ProcessSpec spec(Process process) {
    ExecMeta meta = process.meta();
    List<String> env = new ArrayList<>(meta.env());
    boolean windows = request.platform().filter(it -> it.os().equals("windows")).isPresent();
    addDefault(env, "PATH", windows ? WINDOWS_PATH : UNIX_PATH);
    if (process.terminal()) {
      addDefault(env, "TERM", "xterm");
    }
    env.addAll(
        StepProcess.secretVariables(
            process.secretEnv(), around.services().clientMounts(), around.context().sessions()));
    String directory = meta.cwd().isEmpty() ? "/" : meta.cwd();
    return new ProcessSpec(meta.args(), env, directory, meta.user(), process.terminal());
  }

  private static void addDefault(List<String> env, String name, String value) {
    if (env.stream().noneMatch(variable -> variable.startsWith(name + "="))) {
      env.add(name + "=" + value);
    }
  }

  @Override
  public byte[] readFile(int mount, String path, Optional<ByteRange> range) {
    return reading(() -> around.reader().readFile(tree(mount), path, range));
  }

  @Override
  public List<Stat> readDirectory(int mount, String path, Optional<String> pattern) {
    return reading(() -> around.reader().readDirectory(tree(mount), path, pattern));
  }

  @Override
  public Stat stat(int mount, String path) {
    return reading(() -> around.reader().stat(tree(mount), path));
  }

  private <T> T reading(Supplier<T> work) {
    enter();
    try {
      return work.get();
    } finally {
      leave();
    }
  }

  private Supplier<MountedTree> tree(int mount) {
    List<List<dev.slipway.snapshot.Mount>> sources = mounts.sources();
    if (mount < 0 || mount >= sources.size()) {
      throw new InvalidRequest(
          "mount index " + mount + " is out of bounds (" + sources.size() + " available)");
    }
    if (sources.get(mount).isEmpty()) {
      throw new NotFound("mountable " + mount + " not found");
    }
    List<dev.slipway.snapshot.Mount> views =
        sources.get(mount).stream().map(BuildContainer::view).toList();
    return () -> worker.storage().mounter().mount(views);
  }

  /// A second mount of an overlay that is in use must not write.
  private static dev.slipway.snapshot.Mount view(dev.slipway.snapshot.Mount mount) {
    return switch (mount) {
      case dev.slipway.snapshot.Mount.Overlay overlay -> {
        List<Path> layers = new ArrayList<>();
        overlay.upper().ifPresent(upper -> layers.add(upper.directory()));
        layers.addAll(overlay.lower());
        yield layers.size() == 1
            ? new dev.slipway.snapshot.Mount.Bind(layers.getFirst(), true)
            : new dev.slipway.snapshot.Mount.Overlay(layers, Optional.empty());
      }
      case dev.slipway.snapshot.Mount.Bind bind ->
          new dev.slipway.snapshot.Mount.Bind(bind.source(), true);
      case dev.slipway.snapshot.Mount.Tmpfs tmpfs -> tmpfs;
    };
  }

  private synchronized void enter() {
    requireUnreleased();
    users++;
  }

  private synchronized void leave() {
    users--;
    notifyAll();
  }

  private synchronized void requireUnreleased() {
    if (released) {
      throw new Cancelled("container " + request.id() + " was released: context canceled");
    }
  }

  /// Closes it.
  ///
  /// @throws Cancelled processes were killed by that, as their own callers hear too
  void release() {
    boolean inUse;
    synchronized (this) {
      inUse = processes > 0;
    }
    close();
    if (inUse) {
      requireUnreleased();
    }
  }

  /// Kills what runs, waits for its end and gives everything up.
  @Override
  public void close() {
    synchronized (this) {
      if (released) {
        return;
      }
      released = true;
    }
    try {
      stop();
    } finally {
      awaitUsers();
      try {
        mounts.close();
      } finally {
        shown.forEach(RefResult::close);
      }
    }
  }

  private void awaitUsers() {
    boolean interrupted = false;
    synchronized (this) {
      while (users > 0) {
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
