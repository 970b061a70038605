package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.Stage;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.shell.Expansion;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.Suggestion;
import dev.slipway.oci.Platform;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Reads the FROM lines: what each stage is called, what it starts from, on which platform.
/// Confined to one conversion.
final class StageNamer {
  private final Scope scope;
  private final BuildContexts contexts;
  private final StageOutline globals;
  private final StageBuilds stages;

  /// @param globals the ARGs before the first FROM
  StageNamer(Scope scope, BuildContexts contexts, StageOutline globals) {
    this.scope = scope;
    this.contexts = contexts;
    this.globals = globals;
    this.stages = new StageBuilds(scope.words());
  }

  StageBuilds name(List<Stage> written) {
    for (int i = 0; i < written.size(); i++) {
      Stage stage = written.get(i);
      try {
        name(stage, i);
      } catch (DockerfileError e) {
        throw e.places().isEmpty() ? e.at(stage.origin().place()) : e;
      }
    }
    return stages;
  }

  private void name(Stage stage, int index) {
    Linter linter = scope.linter().within(stage.origin().comments());
    Set<String> declared = declared();
    Expansion base = scope.words().expand(stage.base(), scope.globals());
    LintChecks.undeclaredInFrom(base, declared, stage.origin().place(), linter);
    if (base.text().isEmpty()) {
      throw new DockerfileError("base name (" + stage.base() + ") should not be blank");
    }
    StageBuild build = new StageBuild(stage, true, base.text());
    build.outline = globals.copy();
    Set<String> used = new TreeSet<>(base.matched());
    if (!stage.platform().isEmpty()) {
      Expansion platform = expandPlatform(stage);
      LintChecks.undeclaredInFrom(platform, declared, stage.origin().place(), linter);
      LintChecks.platformFlag(stage.platform(), platform, stage, scope.globals(), linter);
      build.platform = Optional.of(platform(stage, platform));
      used.addAll(platform.matched());
    }
    if (!stage.name().isEmpty()) {
      build.context =
          new BaseImages(scope, contexts, stages).namedContext(stage.name(), build.platform, build);
      if (build.context.isPresent()) {
        stages.add(build);
        build.base = Optional.empty();
        return;
      }
    } else {
      build.shownName = "stage-" + index;
    }
    stages.add(build);
    build.outline.use(used);
    build.stepTotal = steps(build);
    build.ignoreCache = scope.config().ignoresCacheOf(stage.name());
  }

  private Expansion expandPlatform(Stage stage) {
    try {
      return scope.words().expand(stage.platform(), scope.globals());
    } catch (DockerfileError e) {
      throw e.withPrefix("failed to process arguments for platform : ");
    }
  }

  /// Names FROM lines may use, with or without a value.
  private Set<String> declared() {
    Set<String> names = new TreeSet<>(scope.globals().names());
    names.addAll(globals.declaredNames());
    return names;
  }

  private Platform platform(Stage stage, Expansion expansion) {
    Optional<String> near =
        expansion.unmatched().stream()
            .flatMap(name -> Suggestion.nearest(name, scope.globals().names()).stream())
            .findFirst();
    if (expansion.text().isEmpty()) {
      throw new DockerfileError(
          "empty platform value from expression " + stage.platform() + Suggestion.hint(near));
    }
    try {
      return PlatformText.parse(expansion.text());
    } catch (DockerfileError e) {
      throw e.at(stage.origin().place())
          .withPrefix("failed to parse platform " + stage.platform() + ": ")
          .withSuffix(Suggestion.hint(near))
          .at(stage.origin().place());
    }
  }

  /// How many steps a stage shows.
  private static int steps(StageBuild build) {
    int steps = build.baseName.equals(StageBuilds.SCRATCH) || build.base.isPresent() ? 0 : 1;
    for (Instruction instruction : build.stage.instructions()) {
      steps +=
          switch (instruction) {
            case Instruction.Add _, Instruction.Copy _, Instruction.Run _, Instruction.Workdir _ ->
                1;
            default -> 0;
          };
    }
    return steps;
  }
}
