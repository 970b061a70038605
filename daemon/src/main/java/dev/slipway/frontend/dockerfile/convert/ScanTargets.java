package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.instruction.Numbers;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a Dockerfile wants in its bill of materials beside the result: `BUILDKIT_SBOM_SCAN_CONTEXT`
/// and `BUILDKIT_SBOM_SCAN_STAGE`, each true, false, or the names of the stages where it is true
/// (BuildKit `frontend/dockerfile/dockerfile2llb/convert.go`, v0.32.2).
///
/// @param extras trees by name; the build context is called `context`
/// @param ignoreCache whether any of the stages is to be run again whatever is cached
record ScanTargets(SortedMap<String, Optional<Output>> extras, boolean ignoreCache) {
  static final String CONTEXT_ARGUMENT = "BUILDKIT_SBOM_SCAN_CONTEXT";
  static final String STAGE_ARGUMENT = "BUILDKIT_SBOM_SCAN_STAGE";
  private static final String CONTEXT = "context";

  /// @param target converted, as all it is made of
  static ScanTargets of(StageBuild target, Optional<Output> buildContext, Scope scope) {
    SortedMap<String, Optional<Output>> extras = new TreeMap<>();
    boolean ignoreCache = target.ignoreCache;
    if (isOn(CONTEXT_ARGUMENT, target, scope)) {
      extras.put(CONTEXT, buildContext);
    }
    for (StageBuild stage : StageBuilds.reachable(target)) {
      if (stage != target && isOn(STAGE_ARGUMENT, stage, scope)) {
        extras.put(stage.shownName, stage.state.root());
        ignoreCache |= stage.ignoreCache;
      }
    }
    return new ScanTargets(extras, ignoreCache);
  }

  /// The stage's last word counts; where it has none, what was said before all stages.
  private static boolean isOn(String argument, StageBuild stage, Scope scope) {
    Optional<String> said =
        stage.arguments.stream()
            .filter(declared -> declared.name().equals(argument))
            .flatMap(declared -> declared.value().stream())
            .reduce((_, later) -> later);
    return said.or(() -> scope.globals().find(argument))
        .filter(value -> names(value, stage.shownName))
        .isPresent();
  }

  private static boolean names(String value, String stage) {
    try {
      return Numbers.parseTruth(value);
    } catch (DockerfileError noTruth) {
      return List.of(value.split(",", -1)).contains(stage);
    }
  }
}
