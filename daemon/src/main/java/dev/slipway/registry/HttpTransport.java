package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unavailable;
import dev.slipway.registry.RegistryConfig.HostConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;

/// Sends requests: connections kept, redirects followed without taking credentials to another host,
/// plain HTTP as fallback where the operator allows. Thread-safe.
final class HttpTransport implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(30);
  private static final int MAX_REDIRECTS = 10;

  /// How long a peer may be silent about what is of no use to anybody here (`DELETE`).
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private final HttpSender sender;
  private final HttpSender farewells;
  private final EnvironmentProxies proxies;
  private final Map<HostConfig, HttpClient> clients = new ConcurrentHashMap<>();
  private final Set<String> plainHosts = ConcurrentHashMap.newKeySet();

  /// @param patience how long a peer may be silent
  HttpTransport(Duration patience, EnvironmentProxies proxies) {
    this.sender = new HttpSender(patience);
    this.farewells = new HttpSender(patience.compareTo(FAREWELL) < 0 ? patience : FAREWELL);
    this.proxies = proxies;
  }

  /// One request, to be sent any number of times.
  ///
  /// @param url for the endpoint's own scheme
  /// @param body made anew for each sending; empty for none
  record Request(
      Endpoint endpoint,
      String method,
      String url,
      Map<String, String> headers,
      Optional<HttpSender.Body> body) {
    Request {
      headers = Map.copyOf(headers);
    }

    /// For a server that is no registry.
    ///
    /// @param url absolute
    static Request of(String url) {
      int authority = url.indexOf("://") + 3;
      Endpoint server =
          new Endpoint(
              url.substring(0, authority - 3),
              url.substring(authority, url.indexOf('/', authority)),
              "",
              false,
              HostConfig.DEFAULT,
              false);
      return new Request(server, "GET", url, Map.of(), Optional.empty());
    }

    Request as(String otherMethod) {
      return new Request(endpoint, otherMethod, url, headers, body);
    }

    Request withHeaders(Map<String, String> others) {
      return new Request(endpoint, method, url, others, body);
    }
  }

  /// Sends it. Caller closes the answer, whatever its status.
  ///
  /// @throws BuildFailure `Unavailable` when there is no answer
  HttpAnswer send(Request request) {
    if (!request.endpoint().fallback()) {
      return follow(request, URI.create(request.url()));
    }
    String authority = request.endpoint().authority();
    URI plain = URI.create(request.url().replaceFirst("^https:", "http:"));
    if (plainHosts.contains(authority)) {
      return follow(request, plain);
    }
    try {
      return follow(request, URI.create(request.url()));
    } catch (Unavailable failed) {
      if (failed.getCause() instanceof SSLException) {
        plainHosts.add(authority);
        return follow(request, plain);
      }
      throw failed;
    }
  }

  /// Where an answer's `Location` leads.
  static String absolute(URI base, String location) {
    try {
      return base.resolve(location).toString();
    } catch (IllegalArgumentException bad) {
      throw new Unavailable("registry began an upload at an invalid place", bad);
    }
  }

  @Override
  public void close() {
    clients.values().forEach(HttpClient::shutdownNow);
  }

  private HttpAnswer follow(Request request, URI start) {
    URI uri = start;
    for (int redirects = 0; ; redirects++) {
      boolean sameHost = request.endpoint().authority().equals(uri.getRawAuthority());
      HttpAnswer answer = sendOnce(request, uri, sameHost);
      Optional<String> location = answer.header("Location");
      if (!isRedirect(answer.status()) || location.isEmpty()) {
        return answer;
      }
      answer.close();
      if (redirects == MAX_REDIRECTS) {
        throw new Unavailable(
            "stopped after " + MAX_REDIRECTS + " redirects from " + WireErrors.redacted(start));
      }
      uri = target(uri, location.get());
    }
  }

  private static URI target(URI from, String location) {
    try {
      URI to = from.resolve(location);
      boolean downgrade = from.getScheme().equals("https") && "http".equals(to.getScheme());
      if (to.getHost() != null
          && !downgrade
          && ("http".equals(to.getScheme()) || "https".equals(to.getScheme()))) {
        return to;
      }
    } catch (IllegalArgumentException bad) {
      throw new Unavailable("invalid redirect from " + WireErrors.redacted(from), bad);
    }
    throw new Unavailable("refused redirect from " + WireErrors.redacted(from));
  }

  private HttpAnswer sendOnce(Request request, URI uri, boolean sameHost) {
    Map<String, String> headers = new HashMap<>(request.headers());
    if (!sameHost) {
      headers.keySet().removeIf(name -> name.equalsIgnoreCase("Authorization"));
    }
    HttpSender fitting = request.method().equals("DELETE") ? farewells : sender;
    return fitting.send(
        clientFor(request.endpoint().tls()),
        new HttpSender.Head(request.method(), uri, headers),
        request.body());
  }

  private HttpClient clientFor(HostConfig host) {
    return clients.computeIfAbsent(host.onlyTls(), this::newClient);
  }

  private HttpClient newClient(HostConfig tls) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(proxies);
    if (proxies.needLogin()) {
      builder.authenticator(proxies.logins());
    }
    if (tls.hasOwnTls()) {
      builder.sslContext(Tls.contextFor(tls));
    }
    return builder.build();
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }
}
