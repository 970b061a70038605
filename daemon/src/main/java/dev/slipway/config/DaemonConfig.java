package dev.slipway.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Everything that can be configured. Paths are host paths. `DaemonConfigTest` pins every default.
///
/// @param root state directory; default `/var/lib/buildkit`
/// @param insecureEntitlements granted to builds that ask: `network.host`, `security.insecure`,
///   `device`; default none
/// @param proxyNetwork force the proxied network on every build; default false
/// @param provenanceEnvDir extra facts for provenance; default `/etc/buildkit/provenance.d`
/// @param registries by host, `docker.io` for the Hub
/// @param withoutEffect what was configured that means something to buildkitd and nothing here, for
///   a warning at start
public record DaemonConfig(
    Path root,
    List<String> insecureEntitlements,
    boolean proxyNetwork,
    Path provenanceEnvDir,
    Log log,
    Grpc grpc,
    Path otelSocketPath,
    Cdi cdi,
    Dns dns,
    History history,
    OciWorker ociWorker,
    Map<String, Registry> registries,
    Frontends frontends,
    Limits limits,
    GhaCache ghaCache,
    Slipway slipway,
    boolean saveCacheDebug,
    List<String> withoutEffect) {
  public DaemonConfig {
    insecureEntitlements = List.copyOf(insecureEntitlements);
    registries = Map.copyOf(registries);
    withoutEffect = List.copyOf(withoutEffect);
  }

  /// @param format `text` (default) or `json`
  /// @param level `error`, `warn`, `info` (default), `debug`, `trace`
  public record Log(String format, String level) {}

  /// @param addresses default `unix:///run/buildkit/buildkitd.sock`
  /// @param debugAddress where debugging information is served; default nowhere
  /// @param uid owner of unix sockets; default this process's
  /// @param group group of unix sockets, a name or a number; default this process's
  public record Grpc(
      List<String> addresses,
      Optional<String> debugAddress,
      Optional<Integer> uid,
      Optional<String> group,
      Optional<Tls> tls) {
    public Grpc {
      addresses = List.copyOf(addresses);
    }
  }

  /// @param ca present: clients must show a certificate that it signed
  public record Tls(Path cert, Path key, Optional<Path> ca) {}

  /// @param specDirs default `/etc/cdi`, `/var/run/cdi`, `/etc/buildkit/cdi`
  /// @param autoAllowed devices that builds get without an entitlement
  public record Cdi(boolean disabled, List<String> specDirs, List<String> autoAllowed) {
    public Cdi {
      specDirs = List.copyOf(specDirs);
      autoAllowed = List.copyOf(autoAllowed);
    }
  }

  /// Of the containers' resolv.conf; empty: the host's.
  public record Dns(List<String> nameservers, List<String> options, List<String> searchDomains) {
    public Dns {
      nameservers = List.copyOf(nameservers);
      options = List.copyOf(options);
      searchDomains = List.copyOf(searchDomains);
    }
  }

  /// A build's record is removed when it is older than `maxAge` (default 48 h) and beyond the
  /// newest `maxEntries` (default 50).
  public record History(Duration maxAge, int maxEntries) {}

  /// @param enabled empty: wherever it can run
  /// @param platforms empty: detect
  /// @param snapshotter `auto` (default), `overlayfs`, `native`
  /// @param binary OCI runtime; empty: probe
  /// @param maxParallelism steps at once; 0 (default): no limit of the operator's
  public record OciWorker(
      Optional<Boolean> enabled,
      Map<String, String> labels,
      List<String> platforms,
      String snapshotter,
      boolean rootless,
      boolean noProcessSandbox,
      GcConfig gc,
      Network network,
      Optional<String> binary,
      Optional<String> defaultCgroupParent,
      Optional<String> apparmorProfile,
      boolean selinux,
      int maxParallelism) {
    public OciWorker {
      labels = Map.copyOf(labels);
      platforms = List.copyOf(platforms);
    }
  }

  /// @param mode `auto` (default), `cni`, `host`, `bridge`
  /// @param cniConfigPath default `/etc/buildkit/cni.json`
  /// @param cniBinaryPath default `/opt/cni/bin`
  /// @param cniPoolSize network namespaces made ahead; default 0
  /// @param bridgeName default `buildkit0`
  /// @param bridgeSubnet default `10.10.0.0/16`
  public record Network(
      String mode,
      Path cniConfigPath,
      Path cniBinaryPath,
      int cniPoolSize,
      String bridgeName,
      String bridgeSubnet) {}

  /// @param mirrors as `host[/path]`, asked first
  /// @param http plain HTTP; empty: HTTPS, on loopback also HTTP
  /// @param insecure TLS certificates are not verified
  /// @param tlsConfigDirs directories with `*.crt`, `*.cert`, `*.key`
  public record Registry(
      List<String> mirrors,
      Optional<Boolean> http,
      Optional<Boolean> insecure,
      List<Path> authorities,
      List<KeyPair> keyPairs,
      List<Path> tlsConfigDirs) {
    public Registry {
      mirrors = List.copyOf(mirrors);
      authorities = List.copyOf(authorities);
      keyPairs = List.copyOf(keyPairs);
      tlsConfigDirs = List.copyOf(tlsConfigDirs);
    }
  }

  public record KeyPair(Path key, Path certificate) {}

  /// @param gatewayRepositories images that may serve as frontends; empty: any
  public record Frontends(boolean dockerfile, boolean gateway, List<String> gatewayRepositories) {
    public Frontends {
      gatewayRepositories = List.copyOf(gatewayRepositories);
    }
  }

  /// @param platformsMaxAge how long detected platforms count; empty: until something changes
  /// @param registryConnections at once to one registry; default 4
  /// @param stepLogBytes of a step's output shown live; empty: BuildKit's limit; -1: no limit
  /// @param stepLogBytesPerSecond likewise
  public record Limits(
      Optional<Duration> platformsMaxAge,
      int registryConnections,
      Optional<Long> stepLogBytes,
      Optional<Long> stepLogBytesPerSecond) {}

  /// Signatures of caches in GitHub Actions.
  ///
  /// @param signCommand reads a cache's table and writes its signature; empty: none is made
  /// @param verify only signed caches are imported; default false
  public record GhaCache(List<String> signCommand, boolean verify) {
    public GhaCache {
      signCommand = List.copyOf(signCommand);
    }
  }

  /// Slipway's own settings, table `[slipway]`.
  ///
  /// @param metricsAddress `host:port` of the metrics endpoint; empty (default): none
  /// @param drainTimeout running builds may take this long after SIGTERM; default 60 s
  /// @param allowInsecureTcp listen on TCP without TLS beyond loopback; default false
  /// @param registerBinfmt register installed emulators with the kernel when it does not know them;
  ///   default true
  /// @param maxEmulatedParallelism emulated steps at once; 0 (default): derived from the processors
  /// @param rehearsal build something of its own after the start, while nobody builds, so that the
  ///   first builds are not slower than others; default true
  public record Slipway(
      Optional<String> metricsAddress,
      Duration drainTimeout,
      boolean allowInsecureTcp,
      boolean registerBinfmt,
      int maxEmulatedParallelism,
      boolean rehearsal) {}
}
