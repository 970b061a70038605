package dev.slipway.frontend.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.frontend.dockerfile.graph.ExecNode;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsReaderTest {

  @Test
  void readsWhatClientsSend() {
    FrontendOptions options =
        OptionsReader.read(
            Map.ofEntries(
                Map.entry("target", "t"),
                Map.entry("build-arg:A", "1"),
                Map.entry("build-arg:BUILDKIT_CACHE_MOUNT_NS", "ns"),
                Map.entry("add-hosts", "H=10.0.0.1,v=2001:DB8:0:0:0::1"),
                Map.entry("ulimit", "nofile=1:2,core=-1"),
                Map.entry("shm-size", "1024"),
                Map.entry("memory", "5"),
                Map.entry("memswap", "-1"),
                Map.entry("cpusetcpus", "0-2,4"),
                Map.entry("force-network-mode", "host"),
                Map.entry("image-resolve-mode", "pull"),
                Map.entry("no-cache", "a,b"),
                Map.entry("hostname", "h"),
                Map.entry("attest:provenance", "mode=max")));

    assertThat(options.config().target()).isEqualTo("t");
    assertThat(options.config().arguments()).containsEntry("A", "1");
    assertThat(options.config().cacheNamespace()).isEqualTo("ns");
    assertThat(options.config().hosts())
        .containsExactly(new ExecNode.Host("h", "10.0.0.1"), new ExecNode.Host("v", "2001:db8::1"));
    assertThat(options.config().limits())
        .containsExactly(new ExecNode.Limit("nofile", 1, 2), new ExecNode.Limit("core", -1, -1));
    assertThat(options.config().sharedMemory()).isEqualTo(1024);
    assertThat(options.config().resources())
        .contains(new NodeNotes.Resources(5, -1, 0, 0, 0, "0-2,4", ""));
    assertThat(options.config().network()).isEqualTo(ExecNode.NetworkMode.HOST);
    assertThat(options.config().noCache()).contains(List.of("a", "b"));
    assertThat(options.config().hostname()).isEqualTo("h");
  }

  @Test
  void tellsNoCacheForAllFromNoneGiven() {
    assertThat(OptionsReader.read(Map.of("no-cache", "")).config().noCache()).contains(List.of());
    assertThat(OptionsReader.read(Map.of()).config().noCache()).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "platform; linux/amd64,; failed to parse target platform : `\"\" is an invalid OS component"
            + " of \"\"`",
        "add-hosts; h=1.2.3; failed to parse additional hosts: failed to parse IP 1.2.3",
        "ulimit; nofile=2:1; `failed to parse ulimit: ulimit soft limit must be less than or equal"
            + " to hard limit: 2 > 1`",
        "ulimit; x=1; failed to parse ulimit: invalid ulimit type: x",
        "memory; 0; failed to parse resource limits: invalid memory value: 0: must be > 0",
        "cpusetcpus; a; failed to parse resource limits: invalid cpusetcpus value: a",
        "image-resolve-mode; x; invalid image-resolve-mode: x",
        "attest:nosuch; ``; unknown attestation type \"nosuch\"",
        "override-copy-image; x; `support for \"override-copy-image\" was removed in BuildKit"
            + " 0.11`",
        "build-arg:BUILDKIT_DOCKERFILE_CHECK; x; failed to parse"
            + " build-arg:BUILDKIT_DOCKERFILE_CHECK: invalid check option \"x\"",
      })
  void saysWhatIsWrong(String key, String value, String problem) {
    assertThatThrownBy(() -> OptionsReader.read(Map.of(key, value)))
        .hasMessageStartingWith(problem.replace("`", ""));
  }

  @ParameterizedTest
  @CsvSource({
    "::1, ::1",
    "1:0:0:2::3, 1:0:0:2::3",
    "0:0:0:0:0:0:0:0, ::",
    "1:0:2:0:0:0:0:3, 1:0:2::3",
    "::ffff:1.2.3.4, 1.2.3.4",
    "255.255.255.255, 255.255.255.255"
  })
  void shortensAddresses(String written, String shortest) {
    assertThat(IpAddress.normalised(written)).contains(shortest);
  }

  @ParameterizedTest
  @CsvSource({"1.2.3", "256.1.1.1", "01.2.3.4", "a.example", "::1%eth0", "[::1]", "1:2"})
  void takesNothingElseForAnAddress(String written) {
    assertThat(IpAddress.normalised(written)).isEmpty();
  }
}
