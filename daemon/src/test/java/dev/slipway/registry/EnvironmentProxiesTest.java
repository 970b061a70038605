package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentProxiesTest {
  @Test
  void eachSchemeHasItsProxy() {
    ProxySelector proxies =
        EnvironmentProxies.of(
            Map.of("HTTP_PROXY", "http://user:p%40ss@web:3128", "https_proxy", "secure:8443"));

    assertThat(address(proxies, "http://registry/v2/")).isEqualTo("web:3128");
    assertThat(address(proxies, "https://registry/v2/")).isEqualTo("secure:8443");
  }

  @Test
  void thisMachineIsAskedDirectly() {
    ProxySelector proxies = EnvironmentProxies.of(Map.of("HTTP_PROXY", "http://web:3128"));

    assertThat(address(proxies, "http://localhost:5000/v2/")).isEqualTo("direct");
    assertThat(address(proxies, "http://127.0.0.2:5000/v2/")).isEqualTo("direct");
    assertThat(address(proxies, "http://[::1]:5000/v2/")).isEqualTo("direct");
    assertThat(address(proxies, "https://registry/v2/")).isEqualTo("direct");
  }

  @ParameterizedTest
  @CsvSource({
    "corp.example, corp.example, direct",
    "corp.example, a.corp.example, direct",
    "corp.example, mycorp.example, web:3128",
    ".corp.example, corp.example, web:3128",
    ".corp.example, a.corp.example, direct",
    "*.corp.example, a.corp.example, direct",
    "registry:5000, registry:5000, direct",
    "registry:5000, registry:5001, web:3128",
    "10.0.0.0/8, 10.1.2.3, direct",
    "10.0.0.0/8, 11.1.2.3, web:3128",
    "10.1.2.3, 10.1.2.3:5000, direct",
    "*, anything, direct"
  })
  void exceptionsAreAskedDirectly(String rule, String host, String expected) {
    ProxySelector proxies =
        EnvironmentProxies.of(Map.of("HTTP_PROXY", "web:3128", "NO_PROXY", "other, " + rule));

    assertThat(address(proxies, "http://" + host + "/v2/")).isEqualTo(expected);
  }

  @Test
  void aProxyOfAnotherKindIsRefusedAtOnce() {
    assertThatThrownBy(() -> EnvironmentProxies.of(Map.of("HTTPS_PROXY", "socks5://tor:9050")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("HTTPS_PROXY")
        .hasMessageContaining("socks5");
  }

  private static String address(ProxySelector proxies, String url) {
    Proxy proxy = proxies.select(URI.create(url)).getFirst();
    return proxy.address() instanceof InetSocketAddress address
        ? address.getHostString() + ":" + address.getPort()
        : "direct";
  }
}
