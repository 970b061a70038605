package dev.slipway.rpc;

import dev.slipway.failure.InvalidRequest;
import java.nio.file.Path;

/// Where the daemon listens. The text form is what `--addr` takes.
public sealed interface ListenAddress {
  /// A unix socket, made by us.
  ///
  /// @param path absolute host path
  record Unix(Path path) implements ListenAddress {
    @Override
    public String toString() {
      return "unix://" + path;
    }
  }

  /// @param host name or address; empty: every interface
  /// @param port 0: any free one
  record Tcp(String host, int port) implements ListenAddress {
    @Override
    public String toString() {
      return "tcp://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /// Nobody from outside this machine can reach it.
    boolean isLoopback() {
      return host.equals("localhost")
          || host.equals("::1")
          || host.matches("127(\\.[0-9]{1,3}){3}");
    }
  }

  /// A listening socket handed over by the service manager (socket activation).
  ///
  /// @param name what the socket unit calls it; empty: the first one
  record Inherited(String name) implements ListenAddress {
    @Override
    public String toString() {
      return "fd://" + name;
    }
  }

  /// @throws InvalidRequest the text is none of `unix:///path`, `tcp://host:port`, `fd://[name]`
  static ListenAddress parse(String text) {
    int end = text.indexOf("://");
    String scheme = end < 0 ? "" : text.substring(0, end);
    String rest = end < 0 ? text : text.substring(end + 3);
    return switch (scheme) {
      case "unix" -> new Unix(absolute(text, rest));
      case "tcp" -> tcp(text, rest);
      case "fd" -> new Inherited(rest);
      default ->
          throw new InvalidRequest(
              "address " + text + ": want unix:///path, tcp://host:port or fd://");
    };
  }

  private static Path absolute(String text, String path) {
    if (!path.startsWith("/")) {
      throw new InvalidRequest("address " + text + ": the socket's path must be absolute");
    }
    return Path.of(path).normalize();
  }

  private static Tcp tcp(String text, String rest) {
    int colon = rest.lastIndexOf(':');
    String port = colon < 0 ? "" : rest.substring(colon + 1);
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
      throw new InvalidRequest("address " + text + ": want tcp://host:port");
    }
    String host = rest.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return new Tcp(bracketed ? host.substring(1, host.length() - 1) : host, Integer.parseInt(port));
  }
}
