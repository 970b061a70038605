package dev.slipway.app;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// What of the daemon's environment its helpers inherit.
final class Surroundings {
  private static final Set<String> GIT =
      Set.of(
          "PATH",
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "ALL_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "all_proxy");

  private Surroundings() {}

  /// Enough for git to be found and to reach remotes, nothing that would let the machine's
  /// configuration in.
  static Map<String, String> ofGit(Map<String, String> environment) {
    Map<String, String> inherited = new HashMap<>(environment);
    inherited.keySet().retainAll(GIT);
    return inherited;
  }
}
