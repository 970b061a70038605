package dev.slipway.workernative.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.oci.Platform;
import dev.slipway.task.Clock;
import dev.slipway.workernative.runtime.StepNetworks.StepNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
@SuppressWarnings("NullAway.Init")
class NetworkPoolTest {
  private static final Duration SPARE = Duration.ofMinutes(5);

  @TempDir Path folder;
  private FakePlugins plugins;
  private Instant now = Instant.EPOCH;

  @BeforeEach
  void write() throws IOException, InterruptedException {
    plugins = new FakePlugins(folder.resolve("plugins"), "bridge", "firewall");
  }

  @Test
  void aNetworkServesOneStepAfterAnother() throws IOException {
    try (NetworkPool pool = open(0, SPARE)) {
      Path first = takeAndGiveBack(pool, step("", ContainerSpec.Security.SANDBOX));
      Path second = takeAndGiveBack(pool, step("", ContainerSpec.Security.SANDBOX));

      assertThat(second).isEqualTo(first);
    }
    assertThat(plugins.ran())
        .containsExactly("ADD bridge", "ADD firewall", "DEL firewall", "DEL bridge");
    assertThat(left()).isEmpty();
  }

  @Test
  void stepsAtTheSameTimeHaveOneEach() throws IOException {
    try (NetworkPool pool = open(0, SPARE);
        StepNetwork one = pool.take(step("", ContainerSpec.Security.SANDBOX));
        StepNetwork other = pool.take(step("", ContainerSpec.Security.SANDBOX))) {
      assertThat(one.handle()).isNotEqualTo(other.handle());
      assertThat(left()).hasSize(2);
    }
    assertThat(left()).isEmpty();
  }

  @Test
  void whatAnInsecureStepMayHaveChangedIsNotUsedAgain() throws IOException {
    try (NetworkPool pool = open(0, SPARE)) {
      Path used = takeAndGiveBack(pool, step("", ContainerSpec.Security.INSECURE));

      assertThat(used).doesNotExist();
      assertThat(left()).isEmpty();
    }
  }

  @Test
  void aStepWithANameOfItsOwnHasANetworkOfItsOwn() throws IOException {
    try (NetworkPool pool = open(0, SPARE)) {
      Path named = takeAndGiveBack(pool, step("box", ContainerSpec.Security.SANDBOX));

      assertThat(named).doesNotExist();
      assertThat(plugins.told().stream().filter(line -> line.contains("K8S_POD_NAME=box")))
          .hasSize(4);
    }
  }

  @Test
  void thePoolIsFilledToItsSizeAndAgainWhenOneIsLost() throws IOException {
    try (NetworkPool pool = open(3, Duration.ZERO)) {
      pool.tend();
      assertThat(left()).hasSize(3);

      takeAndGiveBack(pool, step("", ContainerSpec.Security.INSECURE));
      assertThat(left()).hasSize(2);

      pool.tend();
      assertThat(left()).hasSize(3);
    }
  }

  @Test
  void thoseMadeAheadAreTaken() throws IOException {
    try (NetworkPool pool = open(2, Duration.ZERO)) {
      pool.tend();
      int runs = plugins.ran().size();

      try (StepNetwork one = pool.take(step("", ContainerSpec.Security.SANDBOX));
          StepNetwork other = pool.take(step("", ContainerSpec.Security.SANDBOX))) {
        assertThat(plugins.ran()).hasSize(runs);
        assertThat(one.handle()).isNotEqualTo(other.handle());
      }
    }
  }

  @Test
  void spareOnesEndWhenNobodyHasNeededThemForLong() throws IOException {
    try (NetworkPool pool = open(1, SPARE)) {
      try (StepNetwork one = pool.take(step("", ContainerSpec.Security.SANDBOX));
          StepNetwork other = pool.take(step("", ContainerSpec.Security.SANDBOX))) {
        assertThat(one.handle()).isNotEqualTo(other.handle());
      }

      now = now.plus(SPARE).minusSeconds(10);
      assertThat(pool.tend()).isEqualTo(Duration.ofSeconds(10));
      assertThat(left()).hasSize(2);

      now = now.plusSeconds(10);
      pool.tend();
      assertThat(left()).hasSize(1);
    }
  }

  @Test
  void whatCannotBeSetUpIsUndoneAndExplained() throws IOException {
    plugins.fails("firewall", "ADD", "{\"msg\": \"no iptables\"}");

    assertThatThrownBy(() -> open(0, SPARE))
        .isInstanceOf(WrongState.class)
        .hasMessage(
            "cannot set up the network of a step: CNI plug-in firewall failed (ADD): no iptables");
    assertThat(plugins.ran())
        .containsExactly("ADD bridge", "ADD firewall", "DEL firewall", "DEL bridge");
    assertThat(left()).isEmpty();
  }

  @Test
  void aStepWhoseNetworkFailsLeavesThePoolUsable() throws IOException {
    try (NetworkPool pool = open(0, Duration.ZERO)) {
      plugins.fails("bridge", "ADD", "{\"msg\": \"no address left\"}");
      assertThatThrownBy(() -> pool.take(step("", ContainerSpec.Security.SANDBOX)))
          .hasMessageContaining("no address left");

      plugins.works("bridge", "ADD");
      takeAndGiveBack(pool, step("", ContainerSpec.Security.SANDBOX));
    }
    assertThat(left()).isEmpty();
  }

  @Test
  void whatAKilledDaemonLeftIsTakenOffTheNetwork() throws IOException {
    NetworkPool killed = open(0, SPARE);
    killed.take(step("", ContainerSpec.Security.SANDBOX));
    Path half = Files.createDirectory(folder.resolve("networks/half"));
    Files.createFile(half.resolve("handle"));
    int before = plugins.ran().size();

    open(0, Duration.ZERO).close();

    List<String> removals =
        plugins.told().subList(before, before + 4).stream()
            .map(
                line ->
                    line.split(" \\{")[0]
                        + " "
                        + line.contains("\"prevResult\":{\"by\":\"firewall\"}"))
            .toList();
    assertThat(removals)
        .containsExactlyInAnyOrder(
            "DEL firewall eth0 <> <> true",
            "DEL bridge eth0 <> <> true",
            "DEL firewall eth0 <> <> false",
            "DEL bridge eth0 <> <> false");
    assertThat(left()).isEmpty();
  }

  @Test
  void whatCannotBeTakenOffIsTriedAgainAtTheNextStart() throws IOException {
    plugins.fails("bridge", "DEL", "{\"msg\": \"not now\"}");
    open(0, Duration.ZERO).close();
    assertThat(left()).hasSize(1);

    plugins.works("bridge", "DEL");
    open(0, Duration.ZERO).close();

    assertThat(left()).isEmpty();
  }

  @Test
  void aNetworkInUseEndsAfterThePool() throws IOException {
    NetworkPool pool = open(2, SPARE);
    StepNetwork used = pool.take(step("", ContainerSpec.Security.SANDBOX));

    pool.close();
    assertThat(used.handle()).exists();
    assertThatThrownBy(() -> pool.take(step("", ContainerSpec.Security.SANDBOX)))
        .isInstanceOf(WrongState.class);

    used.close();
    used.close();
    assertThat(left()).isEmpty();
  }

  @Test
  void aMissingPluginIsNoticedBeforeAnythingIsMade() throws IOException {
    Files.delete(plugins.directory().resolve("firewall"));

    assertThatThrownBy(() -> open(0, SPARE)).isInstanceOf(Unsupported.class);
    assertThat(plugins.ran()).isEmpty();
  }

  private NetworkPool open(int wanted, Duration spare) {
    var config =
        new CniConfig(
            "n", "1.0.0", "eth0", List.of(Map.of("type", "bridge"), Map.of("type", "firewall")));
    return NetworkPool.open(
        new UnprivilegedKernel(),
        new CniNetwork(config, new CniPlugins(List.of(plugins.directory()), Duration.ofMinutes(1))),
        folder.resolve("networks"),
        new NetworkPool.Size(wanted, spare),
        new SetClock());
  }

  private static Path takeAndGiveBack(NetworkPool pool, ContainerSpec step) {
    try (StepNetwork taken = pool.take(step)) {
      assertThat(taken.handle()).exists();
      return taken.handle();
    }
  }

  private List<Path> left() throws IOException {
    try (var places = Files.list(folder.resolve("networks"))) {
      return places.toList();
    }
  }

  static ContainerSpec step(String hostname, ContainerSpec.Security security) {
    return new ContainerSpec(
        "step",
        Platform.local(),
        List.of(),
        false,
        List.of(),
        hostname,
        List.of(),
        ContainerSpec.Network.SANDBOX,
        security,
        List.of(),
        Optional.empty(),
        ContainerSpec.LinuxResources.UNLIMITED,
        DeviceEdits.NONE,
        ContainerSpec.MountStubs.REMOVE);
  }

  private final class SetClock implements Clock {
    @Override
    public Instant now() {
      return now;
    }

    @Override
    public void sleep(Duration duration) {
      throw new UnsupportedOperationException();
    }
  }
}
