package dev.slipway.app;

import dev.slipway.config.DaemonConfig;
import dev.slipway.config.DiskSpace;
import dev.slipway.config.GcConfig;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.TreeRemoval;
import dev.slipway.rehearsal.RehearsalClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a daemon rehearses: in a folder of its root that is there as long as a stage is, with
/// services as its own are, for which everything is left out that reaches outside of that folder.
///
/// @param daemon what the daemon's own services are made from
/// @param opener made them
/// @param client builds with them
record RehearsalTheatre(
    DaemonServices.Foundation daemon, DaemonServices.Opener opener, RehearsalClient client)
    implements Rehearsal.Theatre {
  private static final Logger LOG = LoggerFactory.getLogger(RehearsalTheatre.class);

  /// Of a socket's path (unix(7)), and what is made of the folder's for one that is being bound.
  private static final int LONGEST_SOCKET = 107;

  private static final int BINDING = 26;

  /// Whether a socket can be had in a daemon's root.
  static boolean hasRoom(Path root) {
    return folder(root).toString().getBytes(StandardCharsets.UTF_8).length + BINDING
        <= LONGEST_SOCKET;
  }

  private static Path folder(Path root) {
    return root.resolve("rehearsal");
  }

  @Override
  public void clear() {
    Path folder = folder(daemon.config().root());
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      try {
        // To open it takes away what is still mounted there.
        opener.open(foundation(Map.of())).close();
      } catch (BuildFailure damaged) {
        LOG.debug("what is left of a rehearsal cannot be opened", damaged);
      }
    }
    remove(folder);
  }

  @Override
  public Rehearsal.Stage open() {
    Path folder = folder(daemon.config().root());
    Lifecycle parts = new Lifecycle();
    try {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      parts.add("rehearsal folder", () -> remove(folder));
      RehearsalRegistry registry =
          parts.add("rehearsal registry", RehearsalRegistry.start(daemon.handlers()));
      DaemonServices services =
          parts.add("rehearsal services", opener.open(foundation(plainHttp(registry.host()))));
      return RehearsalStage.on(
          new RehearsalStage.Ground(folder, registry, services), daemon, client, parts);
    } catch (IOException failed) {
      parts.close();
      throw new WrongState("cannot make " + folder + ": " + failed.getMessage(), failed);
    } catch (BuildFailure failure) {
      parts.close();
      throw failure;
    }
  }

  private static Map<String, DaemonConfig.Registry> plainHttp(String host) {
    return Map.of(
        host,
        new DaemonConfig.Registry(
            List.of(), Optional.of(true), Optional.empty(), List.of(), List.of(), List.of()));
  }

  private DaemonServices.Foundation foundation(Map<String, DaemonConfig.Registry> registries) {
    return new DaemonServices.Foundation(
        config(daemon.config(), registries),
        daemon.loops(),
        daemon.handlers(),
        daemon.clock(),
        daemon.metrics());
  }

  /// No program is run, no network made, nothing registered, nothing collected.
  private static DaemonConfig config(
      DaemonConfig daemon, Map<String, DaemonConfig.Registry> registries) {
    DaemonConfig.OciWorker worker = daemon.ociWorker();
    return new DaemonConfig(
        folder(daemon.root()),
        List.of(),
        false,
        daemon.provenanceEnvDir(),
        daemon.log(),
        daemon.grpc(),
        daemon.otelSocketPath(),
        new DaemonConfig.Cdi(true, List.of(), List.of()),
        daemon.dns(),
        daemon.history(),
        new DaemonConfig.OciWorker(
            worker.enabled(),
            worker.labels(),
            worker.platforms(),
            worker.snapshotter(),
            worker.rootless(),
            worker.noProcessSandbox(),
            new GcConfig(false, DiskSpace.NONE, DiskSpace.NONE, DiskSpace.NONE, List.of()),
            new DaemonConfig.Network(
                "host",
                worker.network().cniConfigPath(),
                worker.network().cniBinaryPath(),
                0,
                worker.network().bridgeName(),
                worker.network().bridgeSubnet()),
            // Never run, as no step is. To find out which runtime works a container is started.
            Optional.of("/proc/self/exe"),
            worker.defaultCgroupParent(),
            worker.apparmorProfile(),
            worker.selinux(),
            worker.maxParallelism()),
        registries,
        new DaemonConfig.Frontends(true, true, List.of()),
        daemon.limits(),
        new DaemonConfig.GhaCache(List.of(), false),
        new DaemonConfig.Slipway(Optional.empty(), Duration.ZERO, false, false, 0, false),
        false,
        List.of());
  }

  private static void remove(Path tree) {
    try {
      TreeRemoval.remove(tree);
    } catch (IOException failed) {
      throw new WrongState("cannot remove " + tree + ": " + failed.getMessage(), failed);
    }
  }
}
