package dev.slipway.client.connect;

import dev.slipway.failure.InvalidRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/// Where a daemon listens.
public sealed interface DaemonAddress {
  /// Where the package has Slipway listen.
  Path PACKAGED = Path.of("/run/slipway/slipwayd.sock");

  /// Where BuildKit listens, and Slipway unless somebody says otherwise.
  Path BUILDKIT = Path.of("/run/buildkit/buildkitd.sock");

  /// The first of these places where there is a socket; the first one where there is none.
  ///
  /// @param isThere asked of each place in turn
  static DaemonAddress usual(List<Path> places, Predicate<Path> isThere) {
    return new UnixSocket(places.stream().filter(isThere).findFirst().orElse(places.getFirst()));
  }

  record UnixSocket(Path path) implements DaemonAddress {
    @Override
    public String toString() {
      return "unix://" + path;
    }
  }

  record Tcp(String host, int port) implements DaemonAddress {
    @Override
    public String toString() {
      return "tcp://" + host + ":" + port;
    }
  }

  /// @throws InvalidRequest neither `unix:///path` nor `tcp://host:port`
  static DaemonAddress parse(String text) {
    if (text.startsWith("unix://")) {
      return new UnixSocket(Path.of(text.substring("unix://".length())));
    }
    if (text.startsWith("tcp://")) {
      String rest = text.substring("tcp://".length());
      int colon = rest.lastIndexOf(':');
      if (colon > 0 && rest.substring(colon + 1).matches("[0-9]{1,5}")) {
        return new Tcp(rest.substring(0, colon), Integer.parseInt(rest.substring(colon + 1)));
      }
    }
    throw new InvalidRequest(
        "invalid address \"" + text + "\": want unix:///path or tcp://host:port");
  }
}
