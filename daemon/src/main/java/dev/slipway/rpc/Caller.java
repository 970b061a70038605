package dev.slipway.rpc;

import io.grpc.Context;
import java.util.Optional;

/// Who asks: one value, made at the door and carried with every request.
///
/// @param listener address the request came in by
/// @param process user and process at the other end of a unix socket
/// @param subject distinguished name of the client's certificate, verified
public record Caller(String listener, Optional<Process> process, Optional<String> subject) {
  /// Somebody of whom nothing is known.
  public static final Caller UNKNOWN = new Caller("", Optional.empty(), Optional.empty());

  static final Context.Key<Caller> KEY = Context.keyWithDefault("slipway-caller", UNKNOWN);

  /// As the kernel saw it when the connection was made.
  public record Process(int pid, int uid, int gid) {}

  /// Of the request this thread serves.
  public static Caller current() {
    return KEY.get();
  }

  @Override
  public String toString() {
    String who =
        subject
            .or(() -> process.map(peer -> "uid " + peer.uid() + " pid " + peer.pid()))
            .orElse("unknown");
    return who + " on " + (listener.isEmpty() ? "an unknown listener" : listener);
  }
}
