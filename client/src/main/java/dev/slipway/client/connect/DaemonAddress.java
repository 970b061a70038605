package dev.slipway.client.connect;

import dev.slipway.failure.InvalidRequest;
import java.nio.file.Path;

/// Where a daemon listens.
public sealed interface DaemonAddress {
  /// Where a daemon listens unless somebody says otherwise.
  String DEFAULT = "unix:///run/buildkit/buildkitd.sock";

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
