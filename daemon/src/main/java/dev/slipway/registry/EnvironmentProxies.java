package dev.slipway.registry;

import dev.slipway.failure.InvalidRequest;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which proxy leads to a host, as the environment says: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`,
/// in upper or lower case, with the meaning that Go programs give them (`httpproxy`). This machine
/// itself is never asked through a proxy. Immutable.
public final class EnvironmentProxies extends ProxySelector {
  private final Optional<Server> http;
  private final Optional<Server> https;
  private final List<String> direct;

  /// @param login `name:password`, decoded
  private record Server(String host, int port, Optional<String> login) {
    Proxy proxy() {
      return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(host, port));
    }
  }

  private EnvironmentProxies(Optional<Server> http, Optional<Server> https, List<String> direct) {
    this.http = http;
    this.https = https;
    this.direct = List.copyOf(direct);
  }

  /// @throws InvalidRequest a proxy's address cannot be used
  public static EnvironmentProxies of(Map<String, String> environment) {
    return new EnvironmentProxies(
        server(environment, "HTTP_PROXY"),
        server(environment, "HTTPS_PROXY"),
        value(environment, "NO_PROXY").stream()
            .flatMap(list -> Stream.of(list.split(",", -1)))
            .map(each -> each.strip().toLowerCase(Locale.ROOT))
            .filter(each -> !each.isEmpty())
            .toList());
  }

  /// Whether any proxy wants a name and password.
  public boolean needLogin() {
    return Stream.of(http, https)
        .flatMap(Optional::stream)
        .anyMatch(server -> server.login().isPresent());
  }

  /// Answers the proxies' questions for name and password, and nobody else's.
  public Authenticator logins() {
    return new Authenticator() {
      @Override
      protected @Nullable PasswordAuthentication getPasswordAuthentication() {
        if (getRequestorType() != RequestorType.PROXY) {
          return null;
        }
        return Stream.of(https, http)
            .flatMap(Optional::stream)
            .filter(server -> server.host().equalsIgnoreCase(getRequestingHost()))
            .filter(server -> server.port() == getRequestingPort())
            .flatMap(server -> server.login().stream())
            .findFirst()
            .map(
                login -> {
                  int colon = login.indexOf(':');
                  return new PasswordAuthentication(
                      login.substring(0, colon), login.substring(colon + 1).toCharArray());
                })
            .orElse(null);
      }
    };
  }

  @Override
  public List<Proxy> select(URI uri) {
    Optional<Server> server = uri.getScheme().equalsIgnoreCase("https") ? https : http;
    String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
    return server.isEmpty() || isThisMachine(host) || isDirect(host, portOf(uri))
        ? List.of(Proxy.NO_PROXY)
        : List.of(server.get().proxy());
  }

  /// The failure of the request itself tells enough.
  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {}

  private static int portOf(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
  }

  private static boolean isThisMachine(String host) {
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }

  private boolean isDirect(String host, int port) {
    return direct.stream().anyMatch(rule -> matches(rule, host, port));
  }

  private static boolean matches(String rule, String host, int port) {
    if (rule.equals("*")) {
      return true;
    }
    if (rule.matches("[0-9.]+/[0-9]{1,2}")) {
      return isInNetwork(rule, host);
    }
    int colon = rule.lastIndexOf(':');
    boolean withPort = colon > rule.lastIndexOf(']') && rule.indexOf(':') == colon;
    if (withPort && !rule.substring(colon + 1).equals(Integer.toString(port))) {
      return false;
    }
    String name = withPort ? rule.substring(0, colon) : rule;
    if (name.startsWith("*.")) {
      return host.endsWith(name.substring(1));
    }
    return name.startsWith(".")
        ? host.endsWith(name)
        : host.equals(name) || host.equals("[" + name + "]") || host.endsWith("." + name);
  }

  private static boolean isInNetwork(String rule, String host) {
    int slash = rule.indexOf('/');
    Optional<Integer> network = address(rule.substring(0, slash));
    Optional<Integer> asked = address(host);
    int bits = Integer.parseInt(rule.substring(slash + 1));
    if (network.isEmpty() || asked.isEmpty() || bits > 32) {
      return false;
    }
    int mask = bits == 0 ? 0 : -1 << (32 - bits);
    return (network.get() & mask) == (asked.get() & mask);
  }

  private static Optional<Integer> address(String text) {
    if (!text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
      return Optional.empty();
    }
    int address = 0;
    for (String part : text.split("\\.")) {
      address = address << 8 | Integer.parseInt(part) & 0xff;
    }
    return Optional.of(address);
  }

  private static Optional<Server> server(Map<String, String> environment, String name) {
    return value(environment, name).map(text -> server(name, text));
  }

  private static Server server(String name, String text) {
    try {
      URI uri = new URI(text.contains("://") ? text : "http://" + text);
      if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
        throw new InvalidRequest(
            name
                + " names no usable proxy: want http://host:port, found scheme "
                + uri.getScheme());
      }
      Optional<String> login =
          Optional.ofNullable(uri.getRawUserInfo())
              .map(info -> URLDecoder.decode(info.replace("+", "%2B"), StandardCharsets.UTF_8))
              .map(info -> info.contains(":") ? info : info + ":");
      return new Server(uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort(), login);
    } catch (URISyntaxException bad) {
      throw new InvalidRequest(name + " is no address of a proxy: " + bad.getReason(), bad);
    }
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .filter(text -> !text.isBlank())
        .or(
            () ->
                Optional.ofNullable(environment.get(name.toLowerCase(Locale.ROOT)))
                    .filter(text -> !text.isBlank()));
  }
}
