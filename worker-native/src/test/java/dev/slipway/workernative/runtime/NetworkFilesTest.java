package dev.slipway.workernative.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.executor.ContainerSpec.ExtraHost;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.workernative.runtime.NetworkFiles.ResolvConf;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkFilesTest {
  private static final String HOST =
      """
      # made by hand
      nameserver 127.0.0.53
      nameserver 192.0.2.1
      nameserver 2001:db8::1
      nameserver not-an-address
      search example.org internal
      options edns0
      options trust-ad
      sortlist 130.155.160.0
      """;

  @Test
  void dropsServersThatOnlyTheHostCanReach() {
    assertThat(ResolvConf.parse(HOST).reachableFromContainers().text())
        .isEqualTo(
            """
            nameserver 192.0.2.1
            nameserver 2001:db8::1
            search example.org internal
            options edns0 trust-ad
            sortlist 130.155.160.0
            """);
  }

  @Test
  void fallsBackToPublicServers() {
    assertThat(
            ResolvConf.parse("nameserver 127.0.0.1\nnameserver ::1\n")
                .reachableFromContainers()
                .nameservers())
        .containsExactly("8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844");
  }

  @Test
  void theLastSearchListCounts() {
    assertThat(ResolvConf.parse("domain a\nsearch b c\nsearch\n").search())
        .containsExactly("b", "c");
  }

  @Test
  void theOperatorsChoiceReplacesTheHosts() {
    var dns =
        new WorkerProvider.Dns(
            List.of("10.0.0.1"), List.of("ndots:1"), List.of(".", "corp.example"));

    assertThat(ResolvConf.parse(HOST).with(dns).text())
        .isEqualTo(
            "nameserver 10.0.0.1\nsearch corp.example\noptions ndots:1\nsortlist 130.155.160.0\n");
  }

  @Test
  void extraHostsCannotAddLines() {
    assertThatThrownBy(
            () -> NetworkFiles.hostsText("h", List.of(new ExtraHost("a\n1.2.3.4 b", "10.0.0.1"))))
        .isInstanceOf(InvalidRequest.class);
  }
}
