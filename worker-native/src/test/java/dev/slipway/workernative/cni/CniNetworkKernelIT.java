package dev.slipway.workernative.cni;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerSpec.MountStubs;
import dev.slipway.executor.ContainerSpec.Network;
import dev.slipway.executor.ContainerSpec.Security;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.Executor;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.oci.Platform;
import dev.slipway.snapshot.Mount;
import dev.slipway.task.TaskScope;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.workernative.cgroup.Cgroups;
import dev.slipway.workernative.mount.MountTable;
import dev.slipway.workernative.runtime.ExecutorOptions;
import dev.slipway.workernative.runtime.OciRuntime;
import dev.slipway.workernative.runtime.RuncExecutor;
import dev.slipway.workernative.runtime.StepNetworks;
import dev.slipway.workernative.testing.TestMachine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// With Debian's plug-ins.
@SuppressWarnings("NullAway.Init")
@Timeout(300)
class CniNetworkKernelIT {
  /// Of the range kept for benchmarks (RFC 2544), which no machine that builds is in.
  private static final String SUBNET = "198.18.77.";

  @TempDir Path folder;
  private TestMachine machine;
  private String bridge;
  private Path leases;
  private Path base;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @BeforeEach
  void open() throws IOException {
    machine = new TestMachine(folder);
    bridge = "slw" + UUID.randomUUID().toString().substring(0, 8);
    leases = folder.resolve("leases");
    Files.writeString(
        folder.resolve("net.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "%s", "plugins": [
          {"type": "bridge", "bridge": "%s", "isGateway": true,
           "ipam": {"type": "host-local", "dataDir": "%s", "ranges": [[{"subnet": "%s0/24"}]]}}]}
        """
            .formatted(bridge, bridge, leases, SUBNET));
    base = machine.makeRoot(Files.createDirectory(folder.resolve("base")));
  }

  @AfterEach
  void close() {
    if (Files.exists(device())) {
      machine.kernel().removeBridge(bridge);
    }
    machine.close();
    assertThat(device()).doesNotExist();
  }

  @Test
  void stepsHaveAddressesOfTheirOwnAndReachTheBridgeButNotTheHostsLoopback() throws IOException {
    StepNetworks networks = networks();
    Executor executor = executor(networks);
    try (ServerSocket onBridge = new ServerSocket(0, 4, InetAddress.getByName(SUBNET + "1"));
        ServerSocket onLoopback = new ServerSocket(0, 4, InetAddress.getByName("127.0.0.1"));
        TaskScope server = TaskScope.open("server");
        Executor.Container one = executor.open(container("one"));
        Executor.Container other = executor.open(container("other"))) {
      TaskScope.Forked<String> caller = server.fork(() -> callerOf(onBridge));
      String first = address(one);
      String second = address(other);

      int reached = sh(one, connect(SUBNET + "1", onBridge));
      int refused = sh(one, connect("127.0.0.1", onLoopback));

      assertThat(first).startsWith(SUBNET);
      assertThat(second).startsWith(SUBNET).isNotEqualTo(first);
      assertThat(reached).isZero();
      assertThat(caller.result()).isEqualTo(first);
      assertThat(refused).isNotZero();
    } finally {
      networks.close();
    }
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aStepHasItsOwnDeviceAndALoopbackThatIsUp() throws IOException {
    StepNetworks networks = networks();
    try (Executor.Container step = executor(networks).open(container("step"))) {
      sh(step, "ls /sys/class/net; busybox ip -o link show lo | grep -c LOWER_UP");
    } finally {
      networks.close();
    }

    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("eth1\nlo\n1\n");
  }

  @Test
  void whatAKilledDaemonLeftIsGoneWhenTheNextOneStarts() throws IOException {
    StepNetworks killed = networks();
    killed.take(container("left"));
    killed.take(container("behind"));
    assertThat(leftovers()).isNotEmpty();

    networks().close();

    assertThat(leftovers()).isEmpty();
  }

  private static String callerOf(ServerSocket server) throws IOException {
    try (Socket client = server.accept()) {
      return client.getInetAddress().getHostAddress();
    }
  }

  private static String connect(String address, ServerSocket server) {
    return "busybox nc -w 60 " + address + " " + server.getLocalPort() + " < /dev/null";
  }

  private StepNetworks networks() {
    return NetworkChoice.make(
            new WorkerProvider.Network(
                "cni",
                folder.resolve("net.conflist"),
                TestMachine.cniPlugins(),
                0,
                bridge,
                SUBNET + "0/24"),
            machine.kernel(),
            folder.resolve("networks"))
        .networks()
        .orElseThrow();
  }

  private Executor executor(StepNetworks networks) {
    return RuncExecutor.open(
        machine.kernel(),
        machine.mounter(),
        new OciRuntime(TestMachine.runtime("runc"), folder.resolve("runtime")),
        folder.resolve("executor"),
        new ExecutorOptions(
            Network.SANDBOX,
            Optional.of(networks),
            WorkerProvider.Settings.defaults().dns(),
            Optional.empty(),
            Cgroups.local(),
            List.of(Platform.local())));
  }

  private ContainerSpec container(String id) throws IOException {
    Path upper = Files.createDirectories(folder.resolve(id + "-upper"));
    Path work = Files.createDirectories(folder.resolve(id + "-work"));
    return new ContainerSpec(
        id,
        Platform.local(),
        List.of(new Mount.Overlay(List.of(base), Optional.of(new Mount.Upper(upper, work)))),
        false,
        List.of(),
        "",
        List.of(),
        Network.SANDBOX,
        Security.SANDBOX,
        List.of(),
        Optional.empty(),
        ContainerSpec.LinuxResources.UNLIMITED,
        DeviceEdits.NONE,
        MountStubs.REMOVE);
  }

  private String address(Executor.Container container) {
    out.reset();
    sh(container, "busybox ip -4 -o addr show eth1 | busybox awk '{print $4}'");
    return out.toString(StandardCharsets.UTF_8).strip().replaceFirst("/24$", "");
  }

  private int sh(Executor.Container container, String script) {
    return container
        .exec(
            new ProcessSpec(List.of("/bin/sh", "-c", script), List.of(), "/", "", false),
            ProcessIo.output(out, out))
        .exitCode();
  }

  private Path device() {
    return Path.of("/sys/class/net").resolve(bridge);
  }

  /// Devices on the bridge, leased addresses, mounts, directories of networks.
  private List<String> leftovers() throws IOException {
    try (Stream<Path> devices = Files.list(device().resolve("brif"));
        Stream<Path> leased = Files.list(leases.resolve(bridge));
        Stream<Path> kept = Files.list(folder.resolve("networks/cni"))) {
      return Stream.of(
              devices,
              leased.filter(file -> file.getFileName().toString().startsWith(SUBNET)),
              kept,
              MountTable.below(folder.resolve("networks").toRealPath()).stream())
          .flatMap(paths -> paths)
          .map(Path::toString)
          .toList();
    }
  }
}
