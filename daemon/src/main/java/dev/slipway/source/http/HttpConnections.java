package dev.slipway.source.http;

import dev.slipway.failure.Unavailable;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;

/// The HTTP client of all downloads, those of steps through the proxy included, made when the first
/// one needs it: to read the certificates that it trusts takes as long as the rest of the daemon's
/// start. Thread-safe. Caller closes.
public final class HttpConnections implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(30);

  private Optional<HttpClient> client = Optional.empty();
  private boolean closed;

  /// The client; it follows no redirects.
  ///
  /// @throws Unavailable after the close
  public synchronized HttpClient client() {
    if (closed) {
      throw new Unavailable("no downloads any more: the daemon is stopping");
    }
    if (client.isEmpty()) {
      client =
          Optional.of(
              HttpClient.newBuilder()
                  .followRedirects(HttpClient.Redirect.NEVER)
                  .connectTimeout(CONNECT)
                  .build());
    }
    return client.get();
  }

  /// Ends running downloads. Idempotent.
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
