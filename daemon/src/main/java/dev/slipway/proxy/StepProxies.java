package dev.slipway.proxy;

import dev.slipway.task.Clock;
import java.net.http.HttpClient;
import java.util.Optional;
import java.util.function.Supplier;

/// Makes proxies for steps; all of them vouch by one certificate authority, made when first needed.
/// Thread-safe.
public final class StepProxies {
  private final Supplier<HttpClient> client;
  private final Clock clock;
  private Optional<CertificateAuthority> authority = Optional.empty();

  /// @param client by which the network is reached, asked for when a step runs; it must not follow
  ///   redirects
  public StepProxies(Supplier<HttpClient> client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  public StepProxy proxy(NetworkPolicy policy) {
    return new StepProxy(client.get(), authority(), policy);
  }

  private synchronized CertificateAuthority authority() {
    CertificateAuthority made = authority.orElseGet(() -> CertificateAuthority.create(clock));
    authority = Optional.of(made);
    return made;
  }
}
