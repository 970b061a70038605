package dev.slipway.proxy;

import dev.slipway.task.Clock;
import java.net.http.HttpClient;
import java.util.Optional;

/// Makes proxies for steps; all of them vouch by one certificate authority, made when first needed.
/// Thread-safe.
public final class StepProxies {
  private final HttpClient client;
  private final Clock clock;
  private Optional<CertificateAuthority> authority = Optional.empty();

  /// @param client by which the network is reached; it must not follow redirects
  public StepProxies(HttpClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  public StepProxy proxy(NetworkPolicy policy) {
    return new StepProxy(client, authority(), policy);
  }

  private synchronized CertificateAuthority authority() {
    CertificateAuthority made = authority.orElseGet(() -> CertificateAuthority.create(clock));
    authority = Optional.of(made);
    return made;
  }
}
