package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.shell.WordProcessor;
import dev.slipway.oci.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Supplier;

/// What holds for a whole conversion.
///
/// @param arguments build arguments given by the client, with the epoch resolved
/// @param globals variables of FROM lines: platform arguments and ARGs before the first FROM
/// @param target platform to build for
/// @param implicitTarget whether nobody asked for that platform, so that an image may decide
/// @param buildPlatforms what the workers run natively, the first being `BUILDPLATFORM`
/// @param capabilities ids of what the daemon supports
/// @param epoch time to stamp results with
/// @param labs whether instructions of the labs releases are on
/// @param groupIds makes an id for vertices that are shown as one
record Scope(
    BuildConfig config,
    SortedMap<String, String> arguments,
    Variables globals,
    WordProcessor words,
    Platform target,
    boolean implicitTarget,
    List<Platform> buildPlatforms,
    Set<String> capabilities,
    Optional<Instant> epoch,
    Linter linter,
    boolean labs,
    Supplier<String> groupIds) {

  boolean supports(String capability) {
    return capabilities.contains(capability);
  }

  /// The epoch as an image's history shows it, empty without one.
  String historyTime() {
    return epoch.map(Instant::toString).orElse("");
  }
}
