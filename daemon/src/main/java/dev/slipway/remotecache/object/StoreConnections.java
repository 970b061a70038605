package dev.slipway.remotecache.object;

import dev.slipway.failure.Unavailable;
import dev.slipway.registry.EnvironmentProxies;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;

/// Connections to all stores, whose client is made when the first build names one: most daemons
/// never need it. Thread-safe by its own lock. Caller closes.
public final class StoreConnections implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(30);

  private final EnvironmentProxies proxies;
  private Optional<HttpClient> client = Optional.empty();
  private boolean closed;

  public StoreConnections(EnvironmentProxies proxies) {
    this.proxies = proxies;
  }

  /// The client; it follows no redirects, for its requests are signed for one address.
  ///
  /// @throws Unavailable after the close
  synchronized HttpClient client() {
    if (closed) {
      throw new Unavailable("no connections to caches any more: the daemon is stopping");
    }
    if (client.isEmpty()) {
      HttpClient.Builder builder =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(CONNECT)
              .proxy(proxies);
      if (proxies.needLogin()) {
        builder.authenticator(proxies.logins());
      }
      client = Optional.of(builder.build());
    }
    return client.get();
  }

  /// Ends running transfers. Idempotent.
  @Override
  public void close() {
    Optional<HttpClient> used;
    synchronized (this) {
      closed = true;
      used = client;
      client = Optional.empty();
    }
    used.ifPresent(HttpClient::shutdownNow);
    used.ifPresent(HttpClient::close);
  }
}
