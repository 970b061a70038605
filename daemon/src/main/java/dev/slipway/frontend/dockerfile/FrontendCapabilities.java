package dev.slipway.frontend.dockerfile;

import dev.slipway.failure.Fact;
import dev.slipway.failure.Unsupported;
import java.util.Optional;
import java.util.Set;

/// What clients may require of this frontend (`frontend.caps`).
final class FrontendCapabilities {
  private static final Set<String> PROVIDED =
      Set.of(
          "moby.buildkit.frontend.inputs",
          "moby.buildkit.frontend.subrequests",
          "moby.buildkit.frontend.contexts",
          "moby.buildkit.frontend.gitquerystring");
  private static final String ONLY_IF_SERVED_HERE = "+forward";

  private FrontendCapabilities() {}

  /// What is missing for serving the request here; fails at once if forwarding it to another
  /// frontend would not help.
  static Optional<Unsupported> missing(String required) {
    Optional<Unsupported> missing = Optional.empty();
    for (String capability : required.isEmpty() ? new String[0] : required.split(",", -1)) {
      String name = capability.split("\\+", 2)[0];
      if (PROVIDED.contains(name)) {
        continue;
      }
      Unsupported failure =
          new Unsupported(
              "unsupported frontend capability " + name, new Fact.MissingFrontendCap(name));
      if (!capability.contains(ONLY_IF_SERVED_HERE)) {
        throw failure;
      }
      missing = missing.or(() -> Optional.of(failure));
    }
    return missing;
  }
}
