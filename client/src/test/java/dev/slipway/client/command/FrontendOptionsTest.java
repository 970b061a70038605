package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrontendOptionsTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of("FROM_HERE", "value", "LABELLED", "not this");

  @Test
  void withoutFlagsNothingIsAskedFor() {
    assertThat(options()).isEmpty();
    assertThat(options("--network", "default", "--shm-size", "0")).isEmpty();
  }

  @Test
  void whatConcernsStepsIsPassedOn() {
    assertThat(
            options(
                "--ulimit", "nofile=1:2",
                "--ulimit", "core=-1",
                "--ulimit", "nofile=1024:2048",
                "--shm-size", "64m",
                "--cgroup-parent", "/below/this",
                "--network", "none",
                "--add-host", "one:10.0.0.1",
                "--add-host", "two=[fe80::1],three:::1"))
        .containsOnly(
            Map.entry("ulimit", "nofile=1024:2048,core=-1:-1"),
            Map.entry("shm-size", "67108864"),
            Map.entry("cgroup-parent", "/below/this"),
            Map.entry("force-network-mode", "none"),
            Map.entry("add-hosts", "one=10.0.0.1,two=fe80::1,three=::1"));
  }

  @Test
  void argumentsMayComeFromTheEnvironmentAndLabelsMayBeEmpty() {
    assertThat(
            options(
                "--build-arg", "A=1=2",
                "--build-arg", "FROM_HERE",
                "--build-arg", "UNKNOWN",
                "--label", "a=b",
                "--label", "LABELLED"))
        .containsOnly(
            Map.entry("build-arg:A", "1=2"),
            Map.entry("build-arg:FROM_HERE", "value"),
            Map.entry("label:a", "b"),
            Map.entry("label:LABELLED", ""));
  }

  @Test
  void someStagesOrAllAreBuiltAgain() {
    assertThat(options("--no-cache", "--pull"))
        .containsOnly(Map.entry("no-cache", ""), Map.entry("image-resolve-mode", "pull"));
    assertThat(options("--no-cache-filter", "one", "--no-cache-filter", "two,three"))
        .containsOnly(Map.entry("no-cache", "one,two,three"));
    assertThatThrownBy(() -> options("--no-cache", "--no-cache-filter", "one"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("--no-cache and --no-cache-filter cannot currently be used together");
  }

  @Test
  void theDaemonsNetworkIsAskedForAndGranted() {
    Flags flags = flags("--network=host");

    assertThat(FrontendOptions.of(flags, List.of(), Map.of()))
        .containsEntry("force-network-mode", "host");
    assertThat(FrontendOptions.wantsHostNetwork(flags)).isTrue();
    assertThat(FrontendOptions.wantsHostNetwork(flags("--network=none"))).isFalse();
    assertThatThrownBy(() -> options("--network", "mine"))
        .hasMessageContaining("network mode \"mine\" not supported by buildkit");
  }

  @ParameterizedTest
  @CsvSource({
    "noequals, invalid ulimit argument: noequals",
    "files=1, invalid ulimit type: files",
    "nofile=many, 'strconv.ParseInt: parsing \"many\": invalid syntax'",
    "nofile=2:1, ulimit soft limit must be less than or equal to hard limit: 2 > 1",
    "nofile=-1:1, ulimit soft limit must be less than or equal to hard limit: unlimited > 1",
    "nofile=1:2:3, 'too many limit value arguments - 1:2:3, can only have up to two,"
        + " `soft[:hard]`'"
  })
  void aLimitThatIsNoneIsRefused(String text, String message) {
    assertThatThrownBy(() -> options("--ulimit", text))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "512k, 524288",
    "1.5GiB, 1610612736",
    "2 MB, 2097152",
    "1b, 1",
    "1T, 1099511627776"
  })
  void sizesHaveUnits(String text, String bytes) {
    assertThat(options("--shm-size", text)).containsEntry("shm-size", bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "-1m", "1x", "1mm", "9999999999p"})
  void aSizeThatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> options("--shm-size", text))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("invalid size: '" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "host:", ":10.0.0.1", "host:10.0.0", "host:name", "host:1:2"})
  void aHostThatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> options("--add-host", text))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("invalid host " + text);
  }

  @Test
  void theGatewaysAddressIsNotKnown() {
    assertThatThrownBy(() -> options("--add-host", "host:host-gateway"))
        .isInstanceOf(Unsupported.class)
        .hasMessageContaining("unable to derive the IP value for host-gateway");
  }

  private static Flags flags(String... arguments) {
    return Flags.parse(List.of(arguments), BuildCommand.FLAGS);
  }

  private static Map<String, String> options(String... arguments) {
    return FrontendOptions.of(flags(arguments), List.of(), ENVIRONMENT);
  }
}
