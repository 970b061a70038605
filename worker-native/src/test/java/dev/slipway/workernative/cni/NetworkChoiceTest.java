package dev.slipway.workernative.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.workernative.runtime.StepNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkChoiceTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"auto", "cni"})
  void aConfigurationThatIsThereGivesStepsNetworksOfTheirOwn(String mode)
      throws IOException, InterruptedException {
    new FakePlugins(folder.resolve("plugins"), "bridge");
    Files.writeString(folder.resolve("cni.json"), "{\"name\": \"n\", \"type\": \"bridge\"}");

    NetworkChoice choice = choose(mode);

    choice.networks().ifPresent(StepNetworks::close);
    assertThat(choice.networks()).isPresent();
    assertThat(choice.sandbox()).isEqualTo(ContainerSpec.Network.SANDBOX);
    assertThat(choice.label()).isEqualTo("cni");
  }

  @Test
  void withoutConfigurationAutoIsTheHostsNetwork() {
    NetworkChoice choice = choose("auto");

    assertThat(choice.sandbox()).isEqualTo(ContainerSpec.Network.HOST);
    assertThat(choice.networks()).isEmpty();
    assertThat(choice.label()).isEqualTo("host");
  }

  @Test
  void cniWithoutConfigurationNamesIt() {
    assertThatThrownBy(() -> choose("cni"))
        .isInstanceOf(WrongState.class)
        .hasMessageContaining("failed to read cni config \"" + folder.resolve("cni.json") + "\"")
        .hasMessageContaining("cniConfigPath");
  }

  @Test
  void cniWithoutPluginsNamesTheirDirectory() throws IOException {
    Files.writeString(folder.resolve("cni.json"), "{}");

    assertThatThrownBy(() -> choose("cni"))
        .isInstanceOf(WrongState.class)
        .hasMessageContaining("failed to read cni binary dir \"" + folder.resolve("plugins") + "\"")
        .hasMessageContaining("containernetworking-plugins");
  }

  @Test
  void bridgeSaysWhichPluginsAreMissing() throws IOException, InterruptedException {
    new FakePlugins(folder.resolve("plugins"), "bridge");

    assertThatThrownBy(() -> choose("bridge"))
        .isInstanceOf(Unsupported.class)
        .hasMessageContaining(
            "failed to find CNI bridge \""
                + folder.resolve("plugins/bridge")
                + "\" or buildkit-cni-bridge")
        .hasMessageEndingWith("missing: host-local, firewall");
  }

  @Test
  void bridgeHasPluginsSetItUpWithTheNameAndSubnetConfigured()
      throws IOException, InterruptedException {
    var plugins = new FakePlugins(folder.resolve("plugins"), "bridge", "host-local", "firewall");

    choose("bridge").networks().ifPresent(StepNetworks::close);

    assertThat(plugins.told().getFirst())
        .isEqualTo(
            "ADD bridge eth0 <handle> <> {\"type\":\"bridge\",\"bridge\":\"slwabsent\",\"isDefaultGateway\":true,"
                + "\"ipMasq\":true,\"ipam\":{\"type\":\"host-local\",\"ranges\":[[{\"subnet\":\"10.9.0.0/16\"}]]},"
                + "\"name\":\"buildkit\",\"cniVersion\":\"1.0.0\"}");
    assertThat(plugins.ran()).contains("ADD firewall", "DEL firewall", "DEL bridge");
  }

  @Test
  void anUnknownModeIsRefused() {
    assertThatThrownBy(() -> choose("bridged"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("invalid network mode: \"bridged\"");
  }

  private NetworkChoice choose(String mode) {
    return NetworkChoice.make(
        new WorkerProvider.Network(
            mode,
            folder.resolve("cni.json"),
            folder.resolve("plugins"),
            0,
            "slwabsent",
            "10.9.0.0/16"),
        new UnprivilegedKernel(),
        folder.resolve("worker"));
  }
}
