package dev.slipway.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Gives meaning to a tree of settings: the one place that names every key and every default.
final class ConfigReader {
  private static final List<String> LEVELS =
      List.of("error", "warn", "warning", "info", "debug", "trace", "fatal", "panic");
  private static final List<String> NETWORK_MODES =
      List.of("auto", "cni", "host", "bridge", "none");
  private static final List<String> ENTITLEMENTS =
      List.of("network.host", "security.insecure", "device");

  private final List<String> problems;
  private final List<String> withoutEffect = new ArrayList<>();

  ConfigReader(List<String> problems) {
    this.problems = problems;
  }

  DaemonConfig read(Node.Table tree, StepLogs stepLogs) {
    TableReader root = new TableReader("", tree, problems);
    DaemonConfig config =
        new DaemonConfig(
            root.path("root", "/var/lib/buildkit").toAbsolutePath().normalize(),
            entitlements(root),
            root.flag("proxyNetwork", false),
            root.path("provenanceEnvDir", "/etc/buildkit/provenance.d"),
            log(root),
            grpc(root.table("grpc")),
            otel(root.table("otel")),
            cdi(root.table("cdi")),
            dns(root.table("dns")),
            history(root.table("history")),
            workers(root.table("worker")),
            registries(root),
            frontends(root.table("frontend")),
            limits(root.table("system"), stepLogs),
            cache(root.table("cache")),
            slipway(root.table("slipway")),
            root.flag("saveCacheDebug", false),
            List.of());
    root.end();
    return withNotes(config);
  }

  /// What the environment says about live output of steps.
  record StepLogs(Optional<Long> bytes, Optional<Long> bytesPerSecond) {}

  private DaemonConfig withNotes(DaemonConfig config) {
    return new DaemonConfig(
        config.root(),
        config.insecureEntitlements(),
        config.proxyNetwork(),
        config.provenanceEnvDir(),
        config.log(),
        config.grpc(),
        config.otelSocketPath(),
        config.cdi(),
        config.dns(),
        config.history(),
        config.ociWorker(),
        config.registries(),
        config.frontends(),
        config.limits(),
        config.ghaCache(),
        config.slipway(),
        config.saveCacheDebug(),
        withoutEffect);
  }

  private List<String> entitlements(TableReader root) {
    List<String> entitlements = root.texts("insecure-entitlements");
    for (String entitlement : entitlements) {
      String name =
          entitlement.contains("=")
              ? entitlement.substring(0, entitlement.indexOf('='))
              : entitlement;
      if (!ENTITLEMENTS.contains(name)) {
        root.wrong(
            "insecure-entitlements",
            "unknown entitlement \""
                + entitlement
                + "\"; known: "
                + String.join(", ", ENTITLEMENTS));
      }
    }
    return entitlements;
  }

  private static DaemonConfig.Log log(TableReader root) {
    String byFlag = root.flag("trace", false) ? "trace" : root.flag("debug", false) ? "debug" : "";
    TableReader log = root.table("log");
    String format = log.choice("format", "text", List.of("text", "json"));
    String level = log.choice("level", "info", LEVELS);
    log.end();
    return new DaemonConfig.Log(format, byFlag.isEmpty() ? level : byFlag);
  }

  private DaemonConfig.Grpc grpc(TableReader grpc) {
    Optional<String> group = grpc.text("group").or(() -> grpc.number("gid").map(Object::toString));
    grpc.withoutEffect("gid", "securityDescriptor");
    DaemonConfig.Grpc read =
        new DaemonConfig.Grpc(
            grpc.texts("address", List.of("unix:///run/buildkit/buildkitd.sock")),
            grpc.text("debugAddress"),
            grpc.number("uid"),
            group,
            tls(grpc.table("tls"), grpc));
    if (read.addresses().isEmpty()) {
      grpc.wrong("address", "want at least one address");
    }
    grpc.end();
    return read;
  }

  private static Optional<DaemonConfig.Tls> tls(TableReader tls, TableReader grpc) {
    Optional<Path> cert = tls.path("cert");
    Optional<Path> key = tls.path("key");
    Optional<Path> ca = tls.path("ca");
    tls.end();
    if (cert.isPresent() != key.isPresent()) {
      grpc.wrong("tls", "cert and key must be given together");
    }
    if (ca.isPresent() && cert.isEmpty()) {
      grpc.wrong("tls", "ca needs cert and key");
    }
    return cert.isPresent() && key.isPresent()
        ? Optional.of(new DaemonConfig.Tls(cert.get(), key.get(), ca))
        : Optional.empty();
  }

  private static Path otel(TableReader otel) {
    Path path = otel.path("socketPath", "/run/buildkit/otel-grpc.sock");
    otel.end();
    return path;
  }

  private static DaemonConfig.Cdi cdi(TableReader cdi) {
    DaemonConfig.Cdi read =
        new DaemonConfig.Cdi(
            cdi.flag("disabled", false),
            cdi.texts("specDirs", List.of("/etc/cdi", "/var/run/cdi", "/etc/buildkit/cdi")),
            cdi.texts("autoAllowed"));
    cdi.end();
    return read;
  }

  private static DaemonConfig.Dns dns(TableReader dns) {
    DaemonConfig.Dns read =
        new DaemonConfig.Dns(
            dns.texts("nameservers"), dns.texts("options"), dns.texts("searchDomains"));
    dns.end();
    return read;
  }

  private static DaemonConfig.History history(TableReader history) {
    DaemonConfig.History read =
        new DaemonConfig.History(
            history.duration("maxAge").orElse(Duration.ofHours(48)),
            history.number("maxEntries", 50));
    history.end();
    return read;
  }

  private DaemonConfig.OciWorker workers(TableReader worker) {
    TableReader containerd = worker.table("containerd");
    if (containerd.flag("enabled").orElse(false)) {
      withoutEffect.add(
          "worker.containerd: Slipway runs steps by itself and has no containerd worker");
    }
    TableReader oci = worker.table("oci");
    DaemonConfig.OciWorker read = oci(oci);
    worker.end();
    return read;
  }

  private DaemonConfig.OciWorker oci(TableReader oci) {
    for (String key : List.of("userRemapUnsupported", "proxySnapshotterPath")) {
      oci.text(key).ifPresent(_ -> withoutEffect.add("worker.oci." + key + " is not supported"));
    }
    if (!oci.table("stargzSnapshotter").isEmpty()) {
      withoutEffect.add("worker.oci.stargzSnapshotter is not supported");
    }
    DaemonConfig.OciWorker read =
        new DaemonConfig.OciWorker(
            oci.flag("enabled"),
            oci.textMap("labels"),
            oci.texts("platforms"),
            oci.text("snapshotter", "auto"),
            oci.flag("rootless", false),
            oci.flag("noProcessSandbox", false),
            gc(oci),
            network(oci),
            oci.text("binary"),
            oci.text("defaultCgroupParent"),
            oci.text("apparmor-profile"),
            oci.flag("selinux", false),
            oci.number("max-parallelism", 0));
    oci.end();
    return read;
  }

  private static GcConfig gc(TableReader oci) {
    DiskSpace reserved =
        oci.space("reservedSpace").or(() -> oci.space("gckeepstorage")).orElse(DiskSpace.NONE);
    oci.withoutEffect("gckeepstorage");
    List<GcConfig.Rule> rules = new ArrayList<>();
    for (TableReader rule : oci.tables("gcpolicy")) {
      DiskSpace kept =
          rule.space("reservedSpace").or(() -> rule.space("keepBytes")).orElse(DiskSpace.NONE);
      rule.withoutEffect("keepBytes");
      rules.add(
          new GcConfig.Rule(
              rule.flag("all", false),
              rule.texts("filters"),
              rule.duration("keepDuration").orElse(Duration.ZERO),
              kept,
              rule.space("maxUsedSpace").orElse(DiskSpace.NONE),
              rule.space("minFreeSpace").orElse(DiskSpace.NONE)));
      rule.end();
    }
    return new GcConfig(
        oci.flag("gc", true),
        reserved,
        oci.space("maxUsedSpace").orElse(DiskSpace.NONE),
        oci.space("minFreeSpace").orElse(DiskSpace.NONE),
        rules);
  }

  private static DaemonConfig.Network network(TableReader oci) {
    return new DaemonConfig.Network(
        oci.choice("networkMode", "auto", NETWORK_MODES),
        oci.path("cniConfigPath", "/etc/buildkit/cni.json"),
        oci.path("cniBinaryPath", "/opt/cni/bin"),
        oci.number("cniPoolSize", 0),
        oci.text("bridgeName", "buildkit0"),
        oci.text("bridgeSubnet", "10.10.0.0/16"));
  }

  private static Map<String, DaemonConfig.Registry> registries(TableReader root) {
    Map<String, DaemonConfig.Registry> registries = new LinkedHashMap<>();
    root.named("registry")
        .forEach(
            (host, registry) -> {
              List<DaemonConfig.KeyPair> pairs = new ArrayList<>();
              for (TableReader pair : registry.tables("keypair")) {
                pairs.add(new DaemonConfig.KeyPair(pair.path("key", ""), pair.path("cert", "")));
                pair.end();
              }
              registries.put(
                  host,
                  new DaemonConfig.Registry(
                      registry.texts("mirrors"),
                      registry.flag("http"),
                      registry.flag("insecure"),
                      registry.texts("ca").stream().map(Path::of).toList(),
                      pairs,
                      registry.texts("tlsconfigdir").stream().map(Path::of).toList()));
              registry.end();
            });
    return registries;
  }

  private static DaemonConfig.Frontends frontends(TableReader frontend) {
    TableReader dockerfile = frontend.table("dockerfile.v0");
    TableReader gateway = frontend.table("gateway.v0");
    DaemonConfig.Frontends read =
        new DaemonConfig.Frontends(
            dockerfile.flag("enabled", true),
            gateway.flag("enabled", true),
            gateway.texts("allowedRepositories"));
    dockerfile.end();
    gateway.end();
    frontend.end();
    return read;
  }

  private static DaemonConfig.Limits limits(TableReader system, StepLogs stepLogs) {
    DaemonConfig.Limits read =
        new DaemonConfig.Limits(
            system.duration("platformsCacheMaxAge"),
            system.number("maxRegistryConcurrency", 4),
            stepLogs.bytes(),
            stepLogs.bytesPerSecond());
    system.end();
    return read;
  }

  private DaemonConfig.GhaCache cache(TableReader cache) {
    TableReader gha = cache.table("gha");
    TableReader sign = gha.table("sign");
    TableReader verify = gha.table("verify");
    DaemonConfig.GhaCache read =
        new DaemonConfig.GhaCache(sign.texts("command"), verify.flag("required", false));
    if (read.verify()) {
      withoutEffect.add(
          "cache.gha.verify.required: signatures cannot be verified here,"
              + " so that nothing is imported from caches in GitHub Actions");
    }
    verify.withoutEffect("policy");
    verify.end();
    sign.end();
    gha.end();
    cache.end();
    return read;
  }

  private static DaemonConfig.Slipway slipway(TableReader slipway) {
    DaemonConfig.Slipway read =
        new DaemonConfig.Slipway(
            slipway.text("metricsAddress"),
            slipway.duration("drainTimeout").orElse(Duration.ofSeconds(60)),
            slipway.flag("allowInsecureTcp", false),
            slipway.flag("registerBinfmt", true),
            slipway.number("maxEmulatedParallelism", 0),
            slipway.flag("rehearsal", true));
    slipway.end();
    return read;
  }
}
