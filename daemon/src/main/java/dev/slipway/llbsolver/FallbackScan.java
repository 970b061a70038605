package dev.slipway.llbsolver;

import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.FrontendResult.AttestationResult;
import dev.slipway.frontend.sbom.SbomRequest;
import dev.slipway.frontend.sbom.SbomScanner;
import dev.slipway.image.ResultPlatform;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Adds bills of materials to results whose frontend made none: plain definitions, clients that
/// build themselves, frontends that know nothing of it (BuildKit `solver/llbsolver/proc/sbom.go`,
/// v0.32.2).
///
/// @param platform to run the scanner on
/// @param options the build's
record FallbackScan(SbomRequest wanted, Platform platform, Map<String, String> options) {
  /// @param bridge what is asked of it leaves no trace in the result's provenance
  /// @throws dev.slipway.failure.BuildFailure the scanner cannot be found
  FrontendResult complete(FrontendResult result, FrontendBridge bridge) {
    if (hasBill(result)) {
      return result;
    }
    List<ResultPlatform> platforms = ResultPlatform.of(result.metadata());
    SbomScanner scanner = SbomScanner.find(wanted, platform, resolveMode(), bridge);
    SequencedMap<String, List<AttestationResult>> stated =
        new LinkedHashMap<>(result.attestations());
    for (ResultPlatform each : platforms) {
      tree(result, each.id())
          .ifPresent(
              ref -> {
                List<AttestationResult> all =
                    new ArrayList<>(stated.getOrDefault(each.id(), List.of()));
                all.add(
                    scanner.scan(
                        each.id(), ref.definition(), new TreeMap<>(), startsAnew(), bridge));
                stated.put(each.id(), all);
              });
    }
    return result.with(stated);
  }

  private static boolean hasBill(FrontendResult result) {
    return result.attestations().values().stream()
        .flatMap(List::stream)
        .anyMatch(stated -> stated.predicateType().equals(SbomScanner.PREDICATE_TYPE));
  }

  /// Empty for scratch, which holds nothing to list.
  private static Optional<FrontendRef> tree(FrontendResult result, String platform) {
    return result.multiple()
        ? result.refs().getOrDefault(platform, Optional.empty())
        : result.single();
  }

  private String resolveMode() {
    return options.getOrDefault("image-resolve-mode", "default");
  }

  /// The cache is off for all of the build.
  private boolean startsAnew() {
    return "".equals(options.get("no-cache"));
  }
}
