package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerSpec.ContainerMount;
import dev.slipway.executor.Executor.ExitStatus;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.testing.ScriptedExecutor;
import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.gateway.GatewayContainer;
import dev.slipway.frontend.gateway.GatewayContainer.Process;
import dev.slipway.frontend.gateway.GatewayContainers.Request;
import dev.slipway.frontend.gateway.GatewayContainers.SharedDirectory;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecOp.NetworkMode;
import dev.slipway.llb.ExecOp.SecretEnv;
import dev.slipway.llb.ExecOp.SecurityMode;
import dev.slipway.llb.Mount;
import dev.slipway.llb.Mount.ContentCache;
import dev.slipway.llb.Mount.Place;
import dev.slipway.llb.Mount.Sharing;
import dev.slipway.op.OpServices;
import dev.slipway.op.RefResult;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@SuppressWarnings("NullAway.Init")
@Timeout(60)
class BuildContainersTest {
  @TempDir Path folder;
  private RefStoreFixture refs;
  private ImmutableRef tree;
  private ScriptedExecutor.Script script = (_, _) -> 0;
  private final ScriptedExecutor executor =
      new ScriptedExecutor((run, io) -> this.script.run(run, io));

  @BeforeEach
  void open() {
    refs = new RefStoreFixture(folder);
    tree = refs.step(Optional.empty(), "etc/motd=hello");
  }

  @AfterEach
  void close() {
    tree.close();
    refs.close();
  }

  private BuildContainers containers(String... entitlements) {
    UnprivilegedKernel kernel = new UnprivilegedKernel();
    OpServices services = FakeServices.of(refs, executor, kernel);
    TreeReader reader = new TreeReader(kernel, refs.context());
    return new BuildContainers(
        new BuildContainer.Surroundings(
            services,
            refs.context(),
            reader,
            new Entitlements(Set.of(entitlements)),
            Optional::empty),
        id -> id.equals("tree") ? Optional.of(RefResult.of(tree.share())) : Optional.empty());
  }

  private static Request request(String id, NetworkMode network, Mount... mounts) {
    return new Request(id, List.of(mounts), network, Optional.empty(), List.of(), "", List.of());
  }

  private static Mount mount(String destination, String result) {
    return new Mount.Bind(
        new Place(
            OptionalInt.empty(),
            "",
            destination,
            OptionalInt.empty(),
            false,
            ContentCache.DEFAULT,
            result));
  }

  private static Process process(SecurityMode security, String... args) {
    return new Process(ExecMeta.of(List.of(args), List.of(), ""), List.of(), false, security);
  }

  private static ProcessIo silent() {
    return ProcessIo.output(OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
  }

  private static GatewayContainer opened(BuildContainers containers, NetworkMode network) {
    containers.open(request("c", network, mount("/", "tree")));
    return containers.find("c").orElseThrow();
  }

  /// CVE-2024-23653: a frontend could run privileged containers without anybody having allowed it.
  @Test
  void refusesAnInsecureProcessWithoutTheEntitlement() {
    try (BuildContainers containers = containers()) {
      GatewayContainer container = opened(containers, NetworkMode.SANDBOX);

      assertThatThrownBy(() -> container.run(process(SecurityMode.INSECURE, "id"), silent()))
          .isInstanceOf(Denied.class)
          .hasMessageContaining("security.insecure is not allowed");
      assertThat(executor.runs()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCacheDirectoryIsOneEvenInTwoPlaces(Sharing sharing) {
    try (BuildContainers containers = containers()) {
      containers.open(
          request(
              "c",
              NetworkMode.SANDBOX,
              mount("/", "tree"),
              cache("/one", sharing),
              cache("/other", sharing)));
      GatewayContainer container = containers.find("c").orElseThrow();

      container.run(process(SecurityMode.SANDBOX, "main"), silent());

      assertThat(executor.runs().getFirst().container().mounts())
          .extracting(ContainerSpec.ContainerMount::source)
          .satisfies(sources -> assertThat(sources.getFirst()).isEqualTo(sources.getLast()));
    }
  }

  private static Mount cache(String destination, Sharing sharing) {
    Place place =
        new Place(
            OptionalInt.empty(),
            "",
            destination,
            OptionalInt.empty(),
            false,
            ContentCache.DEFAULT,
            "");
    return new Mount.Cache(place, Optional.of(new Mount.CacheOptions("mine", sharing)));
  }

  @Test
  void refusesAnInsecureProcessInARunningContainerToo() {
    script =
        (run, io) -> {
          if (run.process().args().equals(List.of("main"))) {
            assertThatThrownBy(
                    () -> current.run(process(SecurityMode.INSECURE, "second"), silent()))
                .isInstanceOf(Denied.class);
          }
          return 0;
        };
    try (BuildContainers containers = containers()) {
      current = opened(containers, NetworkMode.SANDBOX);

      ExitStatus status = current.run(process(SecurityMode.SANDBOX, "main"), silent());

      assertThat(status.exitCode()).isZero();
      assertThat(executor.runs()).hasSize(1);
    }
  }

  private GatewayContainer current;

  @Test
  void refusesTheHostsNetworkWithoutTheEntitlement() {
    try (BuildContainers containers = containers()) {
      GatewayContainer container = opened(containers, NetworkMode.HOST);

      assertThatThrownBy(() -> container.run(process(SecurityMode.SANDBOX, "ip"), silent()))
          .isInstanceOf(Denied.class)
          .hasMessageContaining("network.host is not allowed");
    }
  }

  @Test
  void runsWhatTheBuildWasGranted() {
    try (BuildContainers containers =
        containers(Entitlements.SECURITY_INSECURE, Entitlements.NETWORK_HOST)) {
      opened(containers, NetworkMode.HOST).run(process(SecurityMode.INSECURE, "id"), silent());

      ContainerSpec ran = executor.runs().getFirst().container();
      assertThat(ran.security()).isEqualTo(ContainerSpec.Security.INSECURE);
      assertThat(ran.network()).isEqualTo(ContainerSpec.Network.HOST);
    }
  }

  @Test
  void givesProcessesAPathAndTheirSecrets() {
    Process process =
        new Process(
            ExecMeta.of(List.of("env"), List.of("A=b"), ""),
            List.of(new SecretEnv("password", "PASSWORD", false)),
            true,
            SecurityMode.SANDBOX);
    try (BuildContainers containers = containers()) {
      opened(containers, NetworkMode.SANDBOX).run(process, silent());

      assertThat(executor.runs().getFirst().process().env())
          .containsExactly(
              "A=b",
              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
              "TERM=xterm",
              "PASSWORD=open sesame");
      assertThat(executor.runs().getFirst().process().workingDirectory()).isEqualTo("/");
    }
  }

  @Test
  void showsDirectoriesOfThisMachineReadOnly() {
    Request request =
        new Request(
            "c",
            List.of(mount("/", "tree")),
            NetworkMode.SANDBOX,
            Optional.empty(),
            List.of(),
            "",
            List.of(new SharedDirectory("/run/config", folder)));
    try (BuildContainers containers = containers()) {
      containers.open(request);
      containers.find("c").orElseThrow().run(process(SecurityMode.SANDBOX, "main"), silent());

      assertThat(executor.runs().getFirst().container().mounts())
          .contains(
              new ContainerMount(
                  "/run/config",
                  List.of(new dev.slipway.snapshot.Mount.Bind(folder, true)),
                  "",
                  true));
    }
  }

  @Test
  void stopsWhenItsFirstProcessEnds() {
    try (BuildContainers containers = containers()) {
      GatewayContainer container = opened(containers, NetworkMode.SANDBOX);
      container.run(process(SecurityMode.SANDBOX, "main"), silent());

      assertThatThrownBy(() -> container.run(process(SecurityMode.SANDBOX, "late"), silent()))
          .isInstanceOf(WrongState.class)
          .hasMessageContaining("has stopped");
    }
  }

  @Test
  void releasingTellsProcessesThatTheyWereCancelled() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch killed = new CountDownLatch(1);
    script =
        (_, _) -> {
          running.countDown();
          await(killed);
          return 137;
        };
    try (BuildContainers containers = containers();
        TaskScope scope = TaskScope.open("process")) {
      GatewayContainer container = opened(containers, NetworkMode.SANDBOX);
      var process =
          scope.fork(
              () -> {
                try {
                  return container.run(process(SecurityMode.SANDBOX, "main"), silent()).toString();
                } catch (Cancelled cancelled) {
                  return cancelled.text();
                }
              });
      running.await();
      scope.forkAction(
          () -> {
            while (containers.find("c").isPresent()) {
              Thread.sleep(1);
            }
            killed.countDown();
          });

      assertThatThrownBy(() -> containers.release("c"))
          .isInstanceOf(Cancelled.class)
          .hasMessageContaining("context canceled");
      assertThat(process.result()).contains("context canceled");
    }
  }

  @Test
  void readsFilesOfAMountByItsPlace() {
    try (BuildContainers containers = containers()) {
      GatewayContainer container = opened(containers, NetworkMode.SANDBOX);

      byte[] read = container.readFile(0, "/etc/motd", Optional.empty());

      assertThat(new String(read, StandardCharsets.UTF_8)).isEqualTo("hello");
      assertThat(container.stat(0, "/etc/motd").size()).isEqualTo(5);
      assertThat(container.readDirectory(0, "/etc", Optional.empty())).hasSize(1);
      assertThatThrownBy(() -> container.readFile(1, "/etc/motd", Optional.empty()))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("mount index 1 is out of bounds (1 available)");
    }
  }

  @Test
  void knowsContainersByTheirIds() {
    try (BuildContainers containers = containers()) {
      opened(containers, NetworkMode.SANDBOX);

      assertThatThrownBy(
              () -> containers.open(request("c", NetworkMode.SANDBOX, mount("/", "tree"))))
          .isInstanceOf(AlreadyExists.class);
      assertThatThrownBy(() -> containers.release("other")).isInstanceOf(NotFound.class);
      containers.release("c");
      assertThat(containers.find("c")).isEmpty();
    }
  }

  @Test
  void aMountOfAnUnknownResultOpensNothing() {
    try (BuildContainers containers = containers()) {
      assertThatThrownBy(
              () -> containers.open(request("c", NetworkMode.SANDBOX, mount("/", "nothing"))))
          .isInstanceOf(NotFound.class)
          .hasMessageContaining("failed to find ref nothing for \"/\" mount");
      assertThat(containers.find("c")).isEmpty();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }
}
