package dev.slipway.worker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes workers; found by [java.util.ServiceLoader].
public interface WorkerProvider {
  /// Order in which providers open: lower first. The native one is 0; those that build on its
  /// storage come later.
  int order();

  /// Opens the workers this machine allows. Caller closes them, last opened first.
  ///
  /// @param earlier workers opened by providers of lower order
  /// @throws dev.slipway.failure.BuildFailure with what is missing when a required part is absent
  ///   (no OCI runtime, no overlayfs)
  List<Worker> open(Environment environment, List<Worker> earlier);

  /// @param root directory of the daemon's state; a worker keeps to `<root>/workers/<kind>` and
  ///   `<root>/snapshots`
  /// @param settings the operator's choices
  record Environment(Path root, Settings settings) {}

  /// The operator's choices, from the configuration (`[worker.oci]` and flags).
  ///
  /// @param runtime path or name of the OCI runtime; empty: probe
  /// @param platforms announced instead of what was detected; empty: detect
  /// @param network of steps that ask for no special one
  /// @param registerBinfmt register emulators with the kernel when they are installed but
  ///   unregistered
  /// @param cgroupParent default parent of steps' cgroups
  /// @param dns servers, options, search domains for resolv.conf; empty: the host's
  /// @param stepTimeToKill time between SIGTERM and SIGKILL is none in BuildKit; kept as a value
  ///   for drains
  record Settings(
      Map<String, String> labels,
      Optional<String> runtime,
      List<String> platforms,
      Network network,
      boolean registerBinfmt,
      Optional<String> cgroupParent,
      Dns dns,
      boolean debug,
      Duration stepTimeToKill) {
    public static Settings defaults() {
      return new Settings(
          Map.of(),
          Optional.empty(),
          List.of(),
          Network.host(),
          true,
          Optional.empty(),
          new Dns(List.of(), List.of(), List.of()),
          false,
          Duration.ZERO);
    }
  }

  /// @param mode `auto`, `host`, `cni`, `bridge`, `none`
  /// @param cniConfig configuration of CNI plug-ins; need not exist where the mode does without
  /// @param cniBinaries directory of their programs
  /// @param cniPoolSize networks made ahead
  /// @param bridgeName device of the mode `bridge`
  /// @param bridgeSubnet its addresses, as `10.10.0.0/16`
  record Network(
      String mode,
      Path cniConfig,
      Path cniBinaries,
      int cniPoolSize,
      String bridgeName,
      String bridgeSubnet) {
    /// Steps share the host's network.
    public static Network host() {
      return new Network("host", Path.of("/"), Path.of("/"), 0, "buildkit0", "10.10.0.0/16");
    }
  }

  record Dns(List<String> nameservers, List<String> options, List<String> searchDomains) {
    public Dns {
      nameservers = List.copyOf(nameservers);
      options = List.copyOf(options);
      searchDomains = List.copyOf(searchDomains);
    }
  }
}
