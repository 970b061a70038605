package dev.slipway.workernative.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
@SuppressWarnings("NullAway.Init")
class CniNetworkTest {
  @TempDir Path folder;
  private FakePlugins plugins;

  @BeforeEach
  void write() throws IOException, InterruptedException {
    plugins = new FakePlugins(folder.resolve("plugins"), "bridge", "firewall");
  }

  @Test
  void knowsTheHostsEndOfTheOnlyPairOfDevices() {
    String bridged =
        """
        {"interfaces":[{"name":"bridge0","mac":"a"},{"name":"veth12ab","mac":"b"},
         {"name":"eth0","mac":"c","sandbox":"/run/netns/x"}]}
        """;

    assertThat(CniNetwork.hostDevice(bridged)).contains("veth12ab");
    assertThat(CniNetwork.hostDevice(bridged.replace("bridge0", "veth0"))).isEmpty();
    assertThat(CniNetwork.hostDevice(bridged.replace("veth12ab", "veth/../../x"))).isEmpty();
    assertThat(CniNetwork.hostDevice("{\"interfaces\":{},\"ips\":[]}")).isEmpty();
    assertThat(CniNetwork.hostDevice("[1]")).isEmpty();
    assertThat(CniNetwork.hostDevice("half of")).isEmpty();
  }

  @Test
  void eachPluginIsToldWhatTheOneBeforeAnswered() throws IOException {
    String answer = network("1.0.0").add(attachment(""));

    assertThat(plugins.told())
        .containsExactly(
            "ADD bridge eth0 <handle> <> {\"type\":\"bridge\",\"mtu\":1400,\"name\":\"n\",\"cniVersion\":\"1.0.0\"}",
            "ADD firewall eth0 <handle> <> {\"type\":\"firewall\",\"name\":\"n\",\"cniVersion\":\"1.0.0\",\"prevResult\":{\"by\":\"bridge\"}}");
    assertThat(answer).contains("firewall");
  }

  @Test
  void removalGoesBackwardsAndTellsTheLastAnswer() throws IOException {
    network("0.4.0").remove(attachment(""), Optional.of("{\"by\":\"firewall\"}"));

    assertThat(plugins.told())
        .containsExactly(
            "DEL firewall eth0 <handle> <> {\"type\":\"firewall\",\"name\":\"n\",\"cniVersion\":\"0.4.0\",\"prevResult\":{\"by\":\"firewall\"}}",
            "DEL bridge eth0 <handle> <> {\"type\":\"bridge\",\"mtu\":1400,\"name\":\"n\",\"cniVersion\":\"0.4.0\",\"prevResult\":{\"by\":\"firewall\"}}");
  }

  @Test
  void removalBefore040TellsNoAnswer() throws IOException {
    network("0.3.1").remove(attachment(""), Optional.of("{\"by\":\"firewall\"}"));

    assertThat(plugins.told()).hasSize(2).noneMatch(line -> line.contains("prevResult"));
  }

  @Test
  void halfAnAnswerIsAsGoodAsNoneForRemoval() throws IOException {
    network("1.0.0").remove(attachment(""), Optional.of("{\"by\":"));

    assertThat(plugins.told()).hasSize(2).noneMatch(line -> line.contains("prevResult"));
  }

  @Test
  void aNamespaceThatIsGoneIsNotNamed() throws IOException {
    var gone = new CniNetwork.Attachment("id", Optional.empty(), "", folder);

    network("1.0.0").remove(gone, Optional.empty());

    assertThat(plugins.told()).hasSize(2).allMatch(line -> line.contains(" eth0 <> "));
  }

  @Test
  void aPluginsOwnWordsAreInTheFailure() throws IOException {
    plugins.fails(
        "firewall", "ADD", "{\"code\": 11, \"msg\": \"no iptables\", \"details\": \"really\"}");

    assertThatThrownBy(() -> network("1.0.0").add(attachment("")))
        .isInstanceOf(WrongState.class)
        .hasMessage("CNI plug-in firewall failed (ADD): no iptables; really");
  }

  @Test
  void aPluginThatExplainsNothingIsQuotedFromItsErrorStream() throws IOException {
    plugins.fails("bridge", "ADD", "what?");

    assertThatThrownBy(() -> network("1.0.0").add(attachment("")))
        .hasMessage("CNI plug-in bridge failed (ADD): said on the side");
  }

  @Test
  void aRemovalThatFailsKeepsNoOtherPluginFromRemoving() throws IOException {
    plugins.fails("firewall", "DEL", "{\"msg\": \"not now\"}");

    assertThatThrownBy(() -> network("1.0.0").remove(attachment(""), Optional.empty()))
        .hasMessage("CNI plug-in firewall failed (DEL): not now");
    assertThat(plugins.ran()).containsExactly("DEL firewall", "DEL bridge");
  }

  @Test
  void aPluginThatHangsIsEnded() throws IOException {
    plugins.hangs("bridge");

    assertThatThrownBy(() -> network("1.0.0", Duration.ofSeconds(1)).add(attachment("")))
        .hasMessage("CNI plug-in bridge failed (ADD): no answer within 1 s");
  }

  @Test
  void hostnamesAreToldUnlessTheyCouldSayMoreThanAName() throws IOException {
    network("1.0.0").add(attachment("box.local"));
    network("1.0.0").add(attachment("box;IP=10.0.0.1"));

    assertThat(plugins.told().stream().map(line -> line.split(" ")[4]))
        .containsExactly(
            "<IgnoreUnknown=1;K8S_POD_NAME=box.local>",
            "<IgnoreUnknown=1;K8S_POD_NAME=box.local>",
            "<>",
            "<>");
  }

  @Test
  void aPluginThatIsNotThereIsNamedWithThePlacesSearched() throws IOException {
    Files.delete(plugins.directory().resolve("firewall"));

    assertThatThrownBy(() -> network("1.0.0").requirePlugins())
        .isInstanceOf(Unsupported.class)
        .hasMessageContaining("CNI plug-in firewall is not in " + plugins.directory());
  }

  private CniNetwork network(String version) {
    return network(version, Duration.ofMinutes(1));
  }

  private CniNetwork network(String version, Duration limit) {
    Map<String, Object> bridge = new LinkedHashMap<>();
    bridge.put("type", "bridge");
    bridge.put("mtu", 1400);
    var config = new CniConfig("n", version, "eth0", List.of(bridge, Map.of("type", "firewall")));
    return new CniNetwork(config, new CniPlugins(List.of(plugins.directory()), limit));
  }

  private CniNetwork.Attachment attachment(String hostname) {
    return new CniNetwork.Attachment("id", Optional.of(folder.resolve("handle")), hostname, folder);
  }
}
