package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.failure.BuildFailure;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.Suggestion;
import dev.slipway.oci.Platform;
import dev.slipway.task.TaskScope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds what stages start from: nothing, a named context, or an image, whose configuration is
/// looked up.
final class BaseImages {
  private static final List<String> COMMON =
      List.of("alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora");

  private final Scope scope;
  private final BuildContexts contexts;
  private final StageBuilds stages;

  BaseImages(Scope scope, BuildContexts contexts, StageBuilds stages) {
    this.scope = scope;
    this.contexts = contexts;
    this.stages = stages;
  }

  /// Resolves the bases of `needed` stages, side by side, and checks the names of all others.
  void resolve(Set<StageBuild> needed) {
    try (TaskScope tasks = TaskScope.open("resolve base images")) {
      for (StageBuild stage : stages.all()) {
        if (stage.base.isPresent() || stage.converted || stage.resolved) {
          continue;
        }
        boolean isNeeded = needed.contains(stage);
        stage.resolved = isNeeded;
        if (stage.baseName.equals(StageBuilds.SCRATCH) && stage.context.isEmpty()) {
          startFromNothing(stage);
        } else if (isNeeded) {
          tasks.forkAction(() -> resolve(stage));
        } else {
          reference(stage);
          stage.converted = !stage.written;
        }
      }
      tasks.join();
    }
  }

  private void startFromNothing(StageBuild stage) {
    stage.state = BuildState.SCRATCH;
    stage.image = ImageDraft.scratch(scope.target());
    stage.platform = Optional.of(scope.target());
    stage.converted = !stage.written;
  }

  private ImageName reference(StageBuild stage) {
    try {
      return ImageName.parse(stage.baseName);
    } catch (DockerfileError e) {
      throw e.withPrefix("failed to parse stage name " + quoted(stage.baseName) + ": ")
          .at(stage.stage.origin().place());
    }
  }

  private static String quoted(String text) {
    return dev.slipway.frontend.dockerfile.shell.GoText.quote(text);
  }

  private void resolve(StageBuild stage) {
    ImageName reference = reference(stage);
    try {
      if (stage.context.isPresent()) {
        useContext(stage, stage.context.get().load());
      } else {
        resolve(stage, reference);
      }
    } catch (DockerfileError e) {
      throw e.at(stage.stage.origin().place());
    } catch (BuildFailure e) {
      throw DockerfileError.because(e.text(), e).at(stage.stage.origin().place());
    }
    if (!stage.written) {
      stage.converted = true;
    }
  }

  /// A context in place of a stage: its instructions are not run.
  private static void useContext(StageBuild stage, BuildContexts.Loaded loaded) {
    stage.converted = true;
    stage.state = loaded.state();
    loaded
        .config()
        .map(ImageJson::read)
        .ifPresent(
            image -> {
              image.created = "";
              stage.image = image;
              stage.platform = image.platform().or(() -> stage.platform);
            });
  }

  private void resolve(StageBuild stage, ImageName written) {
    Platform platform = stage.platform.orElse(scope.target());
    String original = stage.baseName;
    ImageName reference = written.withDefaultTag();
    stage.baseName = reference.toString();
    Optional<BuildContexts.NamedContext> context =
        namedContext(stage.baseName, Optional.of(platform), stage);
    if (context.isPresent()) {
      BuildContexts.Loaded loaded = context.get().load();
      ImageDraft image =
          loaded.config().map(ImageJson::read).orElseGet(() -> ImageDraft.scratch(platform));
      stage.baseImage = Optional.of(image.copy());
      image.created = "";
      stage.image = image;
      stage.state = loaded.state().withPlatform(platform);
      stage.platform = Optional.of(platform);
      return;
    }
    useImage(stage, original, platform, lookUp(original, reference, platform));
  }

  private BuildContexts.ImageConfig lookUp(
      String original, ImageName reference, Platform platform) {
    String prefix =
        scope.config().multiPlatform() ? "[" + platform.formatAll() + " internal]" : "[internal]";
    try {
      return contexts.resolveImage(
          reference.toString(), platform, prefix + " load metadata for " + reference);
    } catch (BuildFailure e) {
      throw DockerfileError.because(
          original + ": " + e.text() + Suggestion.hint(nearestName(original)), e);
    }
  }

  private Optional<String> nearestName(String name) {
    List<String> options = new ArrayList<>(stages.names());
    for (String common : COMMON) {
      // As the reference offers them: its long form lacks a slash, so that only the short one is
      // ever near.
      options.addAll(
          List.of(
              common,
              "docker.io/library" + common,
              common + ":latest",
              "docker.io/library" + common + ":latest"));
    }
    return Suggestion.nearest(name, options);
  }

  private void useImage(
      StageBuild stage, String original, Platform asked, BuildContexts.ImageConfig found) {
    ImageName reference = ImageName.parse(found.reference());
    ImageDraft image = ImageJson.read(found.config());
    stage.baseImage = Optional.of(image.copy());
    image.created = "";
    stage.image = image;
    Platform platform =
        stage.platform.isEmpty() && scope.implicitTarget() ? detect(image, asked) : asked;
    stage.baseName = found.digest().map(reference::withDigest).orElse(reference).toString();
    if (image.hasNoLayers()) {
      stage.state = BuildState.SCRATCH;
    } else {
      String name =
          StepNames.next(
              stage,
              "FROM " + stage.baseName,
              scope.config().multiPlatform(),
              Optional.of(platform),
              Variables.none());
      NodeNotes notes =
          NodeNotes.named(name)
              .withCommand(stage.stage.origin().text())
              .at(stage.stage.origin().place());
      SourceNode source =
          Sources.image(stage.baseName, scope.config().resolveMode(), Optional.of(platform), notes);
      stage.state = BuildState.of(source.output()).withPlatform(platform);
      LintChecks.basePlatform(
          original, platform, image, stage.stage.origin().place(), scope.linter());
    }
    stage.platform = Optional.of(platform);
  }

  /// The platform of an image that is not the one asked for, if a worker runs it.
  private Platform detect(ImageDraft image, Platform asked) {
    return scope.buildPlatforms().stream()
        .filter(platform -> !isOf(image, asked) && isOf(image, platform))
        .findFirst()
        .orElse(asked);
  }

  private static boolean isOf(ImageDraft image, Platform platform) {
    return platform.os().equals(image.os) && platform.architecture().equals(image.architecture);
  }

  /// What the client gave under a name. Two names cannot be given.
  Optional<BuildContexts.NamedContext> namedContext(
      String name, Optional<Platform> platform, StageBuild stage) {
    if (name.equalsIgnoreCase("scratch") || name.equalsIgnoreCase("context")) {
      return Optional.empty();
    }
    return contexts.namedContext(name, platform, () -> usedPaths(stage.usedPaths));
  }

  /// Paths to ask a client for, relative and sorted; empty when all of the tree is used.
  static List<String> usedPaths(Collection<String> paths) {
    if (paths.contains("/")) {
      return List.of();
    }
    return paths.stream()
        .map(path -> dev.slipway.frontend.dockerfile.ignore.SlashPath.join(".", path))
        .sorted()
        .toList();
  }
}
