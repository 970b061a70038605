package dev.slipway.app;

import dev.slipway.config.DaemonConfig;
import dev.slipway.config.GcConfig.ResolvedRule;
import dev.slipway.device.DeviceRegistry;
import dev.slipway.lease.GcPolicy;
import dev.slipway.registry.EnvironmentProxies;
import dev.slipway.registry.RegistryConfig;
import dev.slipway.registry.RegistryConfig.HostConfig;
import dev.slipway.registry.RegistryConfig.KeyPair;
import dev.slipway.remotecache.gha.GhaSigning;
import dev.slipway.solver.SolverLimits;
import dev.slipway.worker.WorkerProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What the configuration means to each room, as the room's own record. Pure.
final class OperatorChoices {
  private OperatorChoices() {}

  static WorkerProvider.Settings workers(DaemonConfig config, Map<String, String> environment) {
    DaemonConfig.OciWorker oci = config.ociWorker();
    return new WorkerProvider.Settings(
        oci.labels(),
        oci.binary(),
        oci.platforms(),
        network(oci.network(), environment),
        config.slipway().registerBinfmt(),
        oci.defaultCgroupParent(),
        new WorkerProvider.Dns(
            config.dns().nameservers(), config.dns().options(), config.dns().searchDomains()),
        !config.log().level().equals("info"),
        Duration.ZERO);
  }

  /// `BUILDKIT_NETWORK_BRIDGE_AUTO` is how images that bring their own plug-ins ask for the bridge.
  private static WorkerProvider.Network network(
      DaemonConfig.Network network, Map<String, String> environment) {
    boolean bridge =
        network.mode().equals("auto")
            && List.of("1", "t", "true")
                .contains(
                    environment
                        .getOrDefault("BUILDKIT_NETWORK_BRIDGE_AUTO", "")
                        .toLowerCase(Locale.ROOT));
    return new WorkerProvider.Network(
        bridge ? "bridge" : network.mode(),
        network.cniConfigPath(),
        network.cniBinaryPath(),
        network.cniPoolSize(),
        network.bridgeName(),
        network.bridgeSubnet());
  }

  static DeviceRegistry devices(DaemonConfig config) {
    return config.cdi().disabled()
        ? DeviceRegistry.EMPTY
        : new DeviceRegistry(
            config.cdi().specDirs().stream().map(Path::of).toList(),
            Set.copyOf(config.cdi().autoAllowed()));
  }

  /// Devices are granted one by one, so asking for them is allowed wherever there are any.
  static Set<String> entitlements(DaemonConfig config) {
    Set<String> allowed = new HashSet<>(config.insecureEntitlements());
    if (!config.cdi().disabled()) {
      allowed.add("device");
    }
    return Set.copyOf(allowed);
  }

  static RegistryConfig registries(DaemonConfig config, Map<String, String> environment) {
    Map<String, HostConfig> hosts = new LinkedHashMap<>();
    config
        .registries()
        .forEach(
            (host, registry) ->
                hosts.put(
                    host,
                    new HostConfig(
                        registry.mirrors(),
                        registry.http(),
                        registry.insecure().orElse(false),
                        registry.authorities(),
                        registry.keyPairs().stream()
                            .map(pair -> new KeyPair(pair.key(), pair.certificate()))
                            .toList(),
                        registry.tlsConfigDirs())));
    return new RegistryConfig(
        hosts, config.limits().registryConnections(), EnvironmentProxies.of(environment));
  }

  static GhaSigning ghaSigning(DaemonConfig config) {
    return new GhaSigning(config.ghaCache().signCommand(), config.ghaCache().verify());
  }

  /// Emulated steps take far more of the processor: not more of them than there are processors,
  /// unless the operator says so.
  static SolverLimits limits(DaemonConfig config) {
    int steps = config.ociWorker().maxParallelism();
    int emulated = config.slipway().maxEmulatedParallelism();
    return new SolverLimits(
        steps > 0 ? steps : Integer.MAX_VALUE,
        emulated > 0 ? emulated : Math.max(2, Runtime.getRuntime().availableProcessors()));
  }

  static List<GcPolicy> collection(DaemonConfig config, long diskBytes) {
    if (!config.ociWorker().gc().enabled()) {
      return List.of();
    }
    return config.ociWorker().gc().resolve(diskBytes).stream()
        .map(OperatorChoices::policy)
        .toList();
  }

  private static GcPolicy policy(ResolvedRule rule) {
    return new GcPolicy(
        rule.all(),
        rule.filters(),
        rule.keepDuration(),
        rule.reservedBytes(),
        rule.maxUsedBytes(),
        rule.minFreeBytes());
  }
}
