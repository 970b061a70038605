package dev.slipway.client.command;

import dev.slipway.client.ssh.Agent;
import dev.slipway.client.ssh.Forwarded;
import dev.slipway.client.ssh.KeyRing;
import dev.slipway.client.ssh.RawSocket;
import dev.slipway.client.ssh.SocketAgent;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.text.TruthValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads what follows `--ssh`: `default|ID[=SOCKET|KEY[,KEY]|SOCKET,raw=true]`. Confined to one
/// thread.
final class SshFlag {
  private static final String USUAL = "default";
  private static final String RAW = "raw=";
  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;

  private final Map<String, String> environment;
  private final Map<String, Forwarded> agents = new LinkedHashMap<>();

  SshFlag(Map<String, String> environment) {
    this.environment = environment;
  }

  /// @throws BuildFailure a path is neither a socket nor an unprotected private key, or there is no
  ///   agent to forward
  void add(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    String id = name.isEmpty() ? USUAL : name;
    if (agents.containsKey(id)) {
      throw new InvalidRequest("duplicate agent ID \"" + id + "\"");
    }
    List<String> fields = equals < 0 ? List.of() : List.of(text.substring(equals + 1).split(","));
    List<String> paths = fields.stream().filter(field -> !field.startsWith(RAW)).toList();
    boolean isRaw =
        fields.stream()
            .filter(field -> field.startsWith(RAW))
            .map(SshFlag::truth)
            .reduce(false, (_, last) -> last);
    try {
      agents.put(id, isRaw ? raw(id, paths) : agent(paths.equals(List.of("")) ? List.of() : paths));
    } catch (BuildFailure failure) {
      throw failure.in("failed to convert agent config for ID: \"" + id + "\"");
    }
  }

  private static boolean truth(String field) {
    String value = field.substring(RAW.length());
    return TruthValue.parse(value)
        .orElseThrow(() -> new InvalidRequest("invalid value for 'raw': " + value));
  }

  private static RawSocket raw(String id, List<String> paths) {
    if (paths.size() != 1) {
      throw new InvalidRequest("raw mode must supply exactly one socket path for \"" + id + "\"");
    }
    Path path = Path.of(paths.getFirst());
    if (!isSocket(path)) {
      throw new InvalidRequest("raw mode only supported with socket paths");
    }
    return new RawSocket(path);
  }

  private Agent agent(List<String> given) {
    List<Path> paths =
        given.isEmpty() ? List.of(usualSocket()) : given.stream().map(Path::of).toList();
    List<Path> sockets = new ArrayList<>();
    List<Path> keys = new ArrayList<>();
    for (Path path : paths) {
      if (isSocket(path)) {
        sockets.add(path);
      } else {
        keys.add(path);
      }
    }
    if (sockets.size() > 1) {
      throw new InvalidRequest("only single socket allowed");
    }
    if (!sockets.isEmpty() && !keys.isEmpty()) {
      throw new InvalidRequest("invalid combination of keys and sockets");
    }
    return sockets.isEmpty() ? KeyRing.of(keys) : new SocketAgent(sockets.getFirst());
  }

  private Path usualSocket() {
    String socket = environment.getOrDefault("SSH_AUTH_SOCK", "");
    if (socket.isEmpty()) {
      throw new InvalidRequest("invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set");
    }
    return Path.of(socket);
  }

  private static boolean isSocket(Path path) {
    try {
      return ((Integer) Files.getAttribute(path, "unix:mode") & TYPE) == SOCKET;
    } catch (NoSuchFileException absent) {
      throw new NotFound("stat " + path + ": no such file or directory", absent);
    } catch (IOException failure) {
      throw new Unavailable("stat " + path + ": " + failure.getMessage(), failure);
    }
  }

  Map<String, Forwarded> agents() {
    return agents;
  }
}
