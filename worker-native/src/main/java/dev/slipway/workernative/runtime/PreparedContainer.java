package dev.slipway.workernative.runtime;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerUser;
import dev.slipway.executor.NetworkProxy;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.executor.UserLookup;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.workernative.mount.KernelMounter;
import dev.slipway.workernative.mount.KernelMounter.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A container about to run: its root and the sources of its mounts are mounted, its bundle
/// directory is there. Closing undoes all of it, in reverse. Confined to the thread that runs the
/// container, but for [#close()].
final class PreparedContainer implements AutoCloseable {
  private final Kernel kernel;
  private final KernelMounter mounter;
  private final ContainerSpec spec;
  private final Path bundle;
  private final List<AutoCloseable> undo = new ArrayList<>();
  private final List<RuntimeSpec.SpecMount> mounts = new ArrayList<>();
  private final List<MountStubs.Destination> destinations = new ArrayList<>();
  private Path rootfs;
  private Optional<ProxiedNetwork> proxied = Optional.empty();
  private Optional<Path> network = Optional.empty();
  private Optional<String> networkDevice = Optional.empty();

  private PreparedContainer(Kernel kernel, KernelMounter mounter, ContainerSpec spec, Path bundle) {
    this.kernel = kernel;
    this.mounter = mounter;
    this.spec = spec;
    this.bundle = bundle;
    this.rootfs = bundle;
  }

  /// Caller closes.
  ///
  /// @param networks where its own network comes from; empty when it has none
  /// @param bundle made here, removed on close
  static PreparedContainer prepare(
      Kernel kernel,
      KernelMounter mounter,
      ContainerSpec spec,
      Optional<StepNetworks> networks,
      Path bundle) {
    var prepared = new PreparedContainer(kernel, mounter, spec, bundle);
    try {
      prepared.prepare();
      networks.ifPresent(prepared::enterOwn);
      return prepared;
    } catch (BuildFailure | IllegalArgumentException failure) {
      closeAfter(prepared, failure);
      throw failure;
    }
  }

  private void prepare() {
    try {
      Files.createDirectory(bundle);
      undo.add(this::removeBundle);
    } catch (IOException failed) {
      throw new WrongState("cannot make " + bundle + ": " + failed.getMessage(), failed);
    }
    rootfs =
        keep(spec.root().stream().anyMatch(Mount::readOnly)
                ? mounter.mountSeparately(spec.root())
                : mounter.mount(spec.root()))
            .root();
    destinations.add(
        new MountStubs.Destination("/etc/resolv.conf", MountStubs.Destination.Form.FILE));
    destinations.add(new MountStubs.Destination("/etc/hosts", MountStubs.Destination.Form.FILE));
    spec.mounts().stream()
        .sorted(Comparator.comparingInt(mount -> Path.of(mount.destination()).getNameCount()))
        .forEach(this::addMount);
    spec.proxy().ifPresent(this::connect);
    MountStubs stubs = MountStubs.make(kernel, rootfs, destinations, spec.mountStubs());
    undo.add(stubs::remove);
  }

  private void connect(NetworkProxy proxy) {
    ProxiedNetwork opened = ProxiedNetwork.open(kernel, proxy, bundle.resolve("network"));
    undo.add(opened);
    proxied = Optional.of(opened);
    network = Optional.of(opened.handle());
    if (!spec.rootReadOnly() && spec.root().stream().noneMatch(Mount::readOnly)) {
      TrustBundle.extended(kernel, rootfs, proxy.certificate())
          .ifPresent(bundleWithProxy -> undo.add(bundleWithProxy::restore));
    }
  }

  private void enterOwn(StepNetworks networks) {
    StepNetworks.StepNetwork own = networks.take(spec);
    undo.add(own);
    network = Optional.of(own.handle());
    networkDevice = own.hostDevice();
  }

  private void addMount(ContainerSpec.ContainerMount mount) {
    String destination = Path.of("/").resolve(mount.destination()).normalize().toString();
    boolean whole = Path.of("/").resolve(mount.selector()).normalize().equals(Path.of("/"));
    for (Mount source : mount.source()) {
      if (!whole) {
        Access access =
            mount.readOnly() || source.readOnly() ? Access.READ_ONLY : Access.READ_WRITE;
        Path tree = keep(mounter.mount(List.of(source))).root();
        bind(
            destination,
            keep(mounter.mountInside(tree, mount.selector(), access)).root(),
            mount.readOnly());
        continue;
      }
      switch (source) {
        case Mount.Bind bind ->
            bind(destination, bind.source(), bind.readOnly() || mount.readOnly());
        case Mount.Overlay overlay ->
            bind(
                destination,
                keep(mounter.mount(List.of(overlay))).root(),
                overlay.readOnly() || mount.readOnly());
        case Mount.Tmpfs tmpfs -> {
          List<String> options = new ArrayList<>(List.of("nosuid"));
          if (tmpfs.bytes() > 0) {
            options.add("size=" + tmpfs.bytes());
          }
          if (tmpfs.mode() != 01777) {
            options.add("mode=" + Integer.toOctalString(tmpfs.mode()));
          }
          options.add(tmpfs.readOnly() || mount.readOnly() ? "ro" : "rw");
          mounts.add(new RuntimeSpec.SpecMount(destination, "tmpfs", "tmpfs", options));
          destinations.add(
              new MountStubs.Destination(destination, MountStubs.Destination.Form.DIRECTORY));
        }
      }
    }
  }

  private void bind(String destination, Path source, boolean readOnly) {
    mounts.add(
        new RuntimeSpec.SpecMount(
            destination, "bind", source.toString(), List.of("rbind", readOnly ? "ro" : "rw")));
    boolean directory = Files.isDirectory(source);
    destinations.add(
        new MountStubs.Destination(
            destination,
            directory ? MountStubs.Destination.Form.DIRECTORY : MountStubs.Destination.Form.FILE));
  }

  /// Who the process is, and its working directory made if it is not there.
  ContainerUser prepare(ProcessSpec process) {
    ContainerUser user = new UserLookup(kernel, rootfs).find(process.user());
    if (!process.workingDirectory().isEmpty()) {
      makeWorkingDirectory(process.workingDirectory(), user);
    }
    return user;
  }

  private void makeWorkingDirectory(String directory, ContainerUser user) {
    Path path = kernel.resolveInRoot(rootfs, directory, Kernel.LastLink.FOLLOW);
    List<Path> missing = new ArrayList<>();
    for (Path each = path;
        !each.equals(rootfs) && !Files.exists(each);
        each = Objects.requireNonNull(each.getParent())) {
      missing.add(each);
    }
    try {
      for (Path each : missing.reversed()) {
        Files.createDirectory(each);
        kernel.setMode(each, 0755);
        kernel.setOwner(each, (int) user.uid(), (int) user.gid());
      }
    } catch (IOException failed) {
      boolean below =
          !missing.isEmpty()
              && !Files.isDirectory(Objects.requireNonNull(missing.getLast().getParent()));
      String reason = below ? "not a directory" : String.valueOf(failed.getMessage());
      throw new InvalidRequest(
          "working dir " + directory + " points to invalid target: " + reason, failed);
    }
  }

  /// The process as it runs in this container's network.
  ProcessSpec connected(ProcessSpec process) {
    return proxied.map(through -> through.told(process)).orElse(process);
  }

  /// The host's side of its own network; empty when it has none, or that cannot be told.
  Optional<String> networkDevice() {
    return networkDevice;
  }

  /// The network that it enters; empty when it is of the kind that the spec asks for.
  Optional<Path> network() {
    return network;
  }

  Path bundle() {
    return bundle;
  }

  Path rootfs() {
    return rootfs;
  }

  List<RuntimeSpec.SpecMount> mounts() {
    return List.copyOf(mounts);
  }

  ContainerSpec spec() {
    return spec;
  }

  private MountedTree keep(MountedTree tree) {
    undo.add(tree);
    return tree;
  }

  private void removeBundle() throws IOException {
    try (var entries = Files.newDirectoryStream(bundle)) {
      for (Path entry : entries) {
        Files.deleteIfExists(entry);
      }
    }
    Files.delete(bundle);
  }

  @Override
  public void close() {
    List<Exception> failures = new ArrayList<>();
    for (AutoCloseable each : undo.reversed()) {
      try {
        each.close();
      } catch (Exception failed) {
        failures.add(failed);
      }
    }
    undo.clear();
    if (!failures.isEmpty()) {
      var failure =
          new WrongState(
              "cannot clean up after container "
                  + spec.id()
                  + ": "
                  + failures.getFirst().getMessage(),
              failures.getFirst());
      failures.stream().skip(1).forEach(failure::addSuppressed);
      throw failure;
    }
  }

  private static void closeAfter(PreparedContainer prepared, RuntimeException failure) {
    try {
      prepared.close();
    } catch (WrongState suppressed) {
      failure.addSuppressed(suppressed);
    }
  }
}
