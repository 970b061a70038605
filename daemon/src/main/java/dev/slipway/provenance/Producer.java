package dev.slipway.provenance;

import java.util.Map;
import java.util.Optional;

/// The request that made a definition which another request was then given.
///
/// @param contextDigests what its build context was found to be, by algorithm; empty when that was
///   not known
public record Producer(FrontendCall call, Map<String, String> contextDigests) {
  public Producer {
    contextDigests = Map.copyOf(contextDigests);
  }

  /// @param sources of what it made; empty while that is not computed
  public static Producer of(FrontendCall call, Optional<Capture> sources) {
    return new Producer(
        call,
        sources.map(known -> RequestDetails.of(call, known).sourceDigests()).orElse(Map.of()));
  }
}
