package dev.slipway.workernative.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CniConfigTest {
  @TempDir Path folder;

  @Test
  void aListIsReadWithAllThatPluginsAreTold() throws IOException {
    CniConfig config =
        read(
            "net.conflist",
            """
            {"cniVersion": "1.0.0", "name": "n", "plugins": [
              {"type": "bridge", "mtu": 1400, "ipam": {"type": "host-local"}}, {"type": "firewall"}]}
            """);

    assertThat(config.name()).isEqualTo("n");
    assertThat(config.version()).isEqualTo("1.0.0");
    assertThat(config.plugins())
        .containsExactly(
            Map.of("type", "bridge", "mtu", 1400, "ipam", Map.of("type", "host-local")),
            Map.of("type", "firewall"));
  }

  @Test
  void anyOtherFileIsOnePluginsConfiguration() throws IOException {
    CniConfig config = read("cni.json", "{\"name\": \"n\", \"type\": \"bridge\"}");

    assertThat(config.plugins()).containsExactly(Map.of("name", "n", "type", "bridge"));
    assertThat(config.version()).isEqualTo("0.1.0");
  }

  @Test
  void interfacesAreCalledAsBuildKitCallsThem() throws IOException {
    String plugin = "{\"name\": \"n\", \"type\": \"bridge\"}";

    assertThat(read("one.conf", plugin).interfaceName()).isEqualTo("eth0");
    assertThat(
            read("l.conflist", "{\"name\": \"n\", \"plugins\": [" + plugin + "]}").interfaceName())
        .isEqualTo("eth1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a.conf     | {                                          | is not JSON",
        "a.conf     | {\"type\": \"bridge\"}                       | has no \"name\"",
        "a.conf     | {\"name\": \"n\"}                            | \"type\" must be the file name of a program",
        "a.conf     | {\"name\": \"n\", \"type\": \"../bin/sh\"}   | \"type\" must be the file name of a program",
        "a.conflist | {\"name\": \"n\", \"type\": \"bridge\"}      | has no list \"plugins\"",
        "a.conflist | {\"name\": \"n\", \"plugins\": []}           | names no plug-in",
      })
  void whatIsNoConfigurationIsRefusedWithTheReason(String name, String text, String reason) {
    assertThatThrownBy(() -> read(name, text))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining(folder.resolve(name).toString())
        .hasMessageContaining(reason);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> CniConfig.read(folder.resolve("absent.conf")))
        .isInstanceOf(WrongState.class)
        .hasMessageContaining("absent.conf");
  }

  private CniConfig read(String name, String text) throws IOException {
    return CniConfig.read(Files.writeString(folder.resolve(name), text));
  }
}
