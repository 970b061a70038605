package dev.slipway.rehearsal;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Builds as clients do. The daemon knows none of them; it finds one by `ServiceLoader`, and does
/// without where there is none. Thread-safe.
public interface RehearsalClient {
  /// Builds once, as a process of its own would: with a connection and a session of its own, both
  /// ended when this returns. Blocks; interruption cancels the build on the daemon.
  ///
  /// @param socket the daemon's unix socket
  /// @throws dev.slipway.failure.BuildFailure the build's failure, or nobody listens there
  void build(Path socket, Build build);

  /// @param context host path; a directory with a `Dockerfile`
  /// @param arguments of the Dockerfile
  /// @param image where the result is pushed; empty: nothing is made of it
  /// @param caches elsewhere
  record Build(
      Manner manner,
      Path context,
      Map<String, String> arguments,
      Optional<String> image,
      Caches caches) {
    public Build {
      arguments = Map.copyOf(arguments);
    }
  }

  enum Manner {
    /// The daemon is told what to build, as `buildctl` does.
    TOLD,
    /// The daemon waits, and is driven by the client, as `buildx` does.
    DRIVEN
  }

  /// References of caches in a registry.
  ///
  /// @param export empty: none is written
  /// @param look empty: none is looked into
  record Caches(Optional<String> export, Optional<String> look) {
    public static final Caches NONE = new Caches(Optional.empty(), Optional.empty());
  }
}
