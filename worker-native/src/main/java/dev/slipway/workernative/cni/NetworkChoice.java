package dev.slipway.workernative.cni;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.task.Clock;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.workernative.runtime.ProgramSearch;
import dev.slipway.workernative.runtime.StepNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What network steps get that ask for no special one.
///
/// @param sandbox `SANDBOX` when there are networks of their own
/// @param networks closed by whoever owns the worker
public record NetworkChoice(ContainerSpec.Network sandbox, Optional<StepNetworks> networks) {
  private static final Logger log = LoggerFactory.getLogger(NetworkChoice.class);
  private static final List<String> BRIDGE_PLUGINS = List.of("bridge", "host-local", "firewall");
  private static final String BUNDLED = "buildkit-cni-";
  private static final Duration PLUGIN_LIMIT = Duration.ofMinutes(2);

  /// As BuildKit keeps them (`util/network/netpool`).
  private static final Duration SPARE = Duration.ofMinutes(5);

  /// Decides by the operator's mode; `auto` means CNI where its configuration exists, and the
  /// host's network otherwise. Networks an earlier daemon left are cleared away where CNI is in
  /// use.
  ///
  /// @param directory for networks, of the worker alone; made when needed
  /// @throws BuildFailure when the mode asks for what does not work here, naming what is missing
  public static NetworkChoice make(WorkerProvider.Network settings, Kernel kernel, Path directory) {
    return switch (settings.mode()) {
      case "", "auto" ->
          Files.exists(settings.cniConfig()) ? cni(settings, kernel, directory) : host();
      case "host" -> host();
      case "none" -> new NetworkChoice(ContainerSpec.Network.NONE, Optional.empty());
      case "cni" -> cni(settings, kernel, directory);
      case "bridge" -> bridge(settings, kernel, directory);
      default -> throw new InvalidRequest("invalid network mode: \"" + settings.mode() + "\"");
    };
  }

  private static NetworkChoice host() {
    return new NetworkChoice(ContainerSpec.Network.HOST, Optional.empty());
  }

  /// As the worker's label says it.
  public String label() {
    return switch (sandbox) {
      case SANDBOX -> "cni";
      case HOST -> "host";
      case NONE -> "none";
    };
  }

  private static NetworkChoice cni(WorkerProvider.Network settings, Kernel kernel, Path directory) {
    if (!Files.exists(settings.cniConfig())) {
      throw new WrongState(
          "failed to read cni config \""
              + settings.cniConfig()
              + "\": network mode cni needs one; name it by cniConfigPath of [worker.oci]");
    }
    if (!Files.isDirectory(settings.cniBinaries())) {
      throw new WrongState(
          "failed to read cni binary dir \""
              + settings.cniBinaries()
              + "\": name the directory of the plug-ins by cniBinaryPath of [worker.oci]"
              + " (Debian's package containernetworking-plugins has them at /usr/lib/cni)");
    }
    var network =
        new CniNetwork(
            CniConfig.read(settings.cniConfig()),
            new CniPlugins(List.of(settings.cniBinaries()), PLUGIN_LIMIT));
    return own(pool(settings, kernel, directory, network));
  }

  private static NetworkPool pool(
      WorkerProvider.Network settings, Kernel kernel, Path directory, CniNetwork network) {
    return NetworkPool.open(
            kernel,
            network,
            directory.resolve("cni"),
            new NetworkPool.Size(settings.cniPoolSize(), SPARE),
            Clock.system())
        .kept();
  }

  private static NetworkChoice own(StepNetworks networks) {
    return new NetworkChoice(ContainerSpec.Network.SANDBOX, Optional.of(networks));
  }

  private static NetworkChoice bridge(
      WorkerProvider.Network settings, Kernel kernel, Path directory) {
    Map<String, Path> programs = bridgePrograms(settings.cniBinaries());
    var network =
        new CniNetwork(
            bridgeConfig(settings, programs),
            new CniPlugins(
                programs.values().stream()
                    .map(program -> Objects.requireNonNull(program.getParent()))
                    .distinct()
                    .toList(),
                PLUGIN_LIMIT));
    var device = new BridgeDevice(kernel, settings.bridgeName(), directory.resolve("bridge"));
    device.note();
    try {
      return own(new BridgedNetworks(pool(settings, kernel, directory, network), device));
    } catch (BuildFailure failure) {
      device.removeIfOurs();
      throw failure;
    }
  }

  /// Plug-ins under the names that come with BuildKit's images, or else plain ones.
  private static Map<String, Path> bridgePrograms(Path directory) {
    Map<String, Path> found = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    boolean bundled =
        BRIDGE_PLUGINS.stream().allMatch(name -> ProgramSearch.find(BUNDLED + name).isPresent());
    for (String name : BRIDGE_PLUGINS) {
      ProgramSearch.find(bundled ? BUNDLED + name : directory.resolve(name).toString())
          .ifPresentOrElse(program -> found.put(name, program), () -> missing.add(name));
    }
    if (!missing.isEmpty()) {
      throw new Unsupported(
          "failed to find CNI bridge \""
              + directory.resolve("bridge")
              + "\" or buildkit-cni-bridge: network mode bridge needs the CNI plug-ins "
              + String.join(", ", BRIDGE_PLUGINS)
              + " in cniBinaryPath of [worker.oci] (Debian's package containernetworking-plugins"
              + " has them at /usr/lib/cni), or "
              + BUNDLED
              + "* on PATH; missing: "
              + String.join(", ", missing));
    }
    return found;
  }

  private static CniConfig bridgeConfig(
      WorkerProvider.Network settings, Map<String, Path> programs) {
    Map<String, Object> addresses = new LinkedHashMap<>();
    addresses.put("type", fileName(programs, "host-local"));
    addresses.put("ranges", List.of(List.of(Map.of("subnet", settings.bridgeSubnet()))));
    Map<String, Object> bridge = new LinkedHashMap<>();
    bridge.put("type", fileName(programs, "bridge"));
    bridge.put("bridge", settings.bridgeName());
    bridge.put("isDefaultGateway", true);
    bridge.put("ipMasq", true);
    bridge.put("ipam", addresses);
    Map<String, Object> firewall = new LinkedHashMap<>();
    firewall.put("type", fileName(programs, "firewall"));
    firewall.put("backend", "");
    firewall.put("ingressPolicy", "same-bridge");
    return new CniConfig("buildkit", "1.0.0", "eth0", List.of(bridge, firewall));
  }

  private static String fileName(Map<String, Path> programs, String name) {
    return Objects.requireNonNull(programs.get(name)).getFileName().toString();
  }

  /// The bridge of the mode `bridge`, which goes when the daemon goes, if the daemon made it. Who
  /// made it is in a file, as the daemon may have been killed since. Immutable.
  private record BridgeDevice(Kernel kernel, String name, Path mark) {
    /// Notes that a bridge which is not there yet will be ours.
    void note() {
      if (Files.exists(Path.of("/sys/class/net").resolve(name))) {
        return;
      }
      try {
        Files.createDirectories(Objects.requireNonNull(mark.getParent()));
        Files.writeString(mark, name);
      } catch (IOException failed) {
        throw new WrongState("cannot write " + mark + ": " + failed.getMessage(), failed);
      }
    }

    void removeIfOurs() {
      try {
        if (!Files.exists(mark) || !Files.readString(mark).equals(name)) {
          return;
        }
        if (Files.exists(Path.of("/sys/class/net").resolve(name))) {
          kernel.removeBridge(name);
        }
        Files.deleteIfExists(mark);
      } catch (IOException | BuildFailure failed) {
        log.warn("bridge {} is not removed: {}", name, failed.getMessage());
      }
    }
  }

  private record BridgedNetworks(StepNetworks networks, BridgeDevice device)
      implements StepNetworks {
    @Override
    public StepNetwork take(ContainerSpec container) {
      return networks.take(container);
    }

    @Override
    public void close() {
      networks.close();
      device.removeIfOurs();
    }
  }
}
