package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.shell.WordProcessor;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.oci.Platform;
import java.util.Locale;
import java.util.Optional;

/// The names steps are shown by: `[linux/amd64 stage-0 2/3] RUN make`. People, tools and tests know
/// this form.
final class StepNames {
  private StepNames() {}

  /// `text` as the next step of the stage, which is counted.
  ///
  /// @param platform shown in builds for several platforms, with what it cross-compiles to if the
  ///   variables say so
  static String next(
      StageBuild stage,
      String text,
      boolean showPlatform,
      Optional<Platform> platform,
      Variables env) {
    if (stage.stepTotal == 0) {
      return text;
    }
    StringBuilder name = new StringBuilder("[");
    if (showPlatform && platform.isPresent()) {
      name.append(platform.get().formatAll()).append(crossTarget(platform.get(), env)).append(' ');
    }
    if (!stage.shownName.isEmpty()) {
      name.append(stage.shownName).append(' ');
    }
    stage.stepIndex++;
    int width = Integer.toString(stage.stepTotal).length();
    name.append(("%" + width + "d/%d] ").formatted(stage.stepIndex, stage.stepTotal));
    return name.append(stage.inTrigger ? "ONBUILD " : "").append(text).toString();
  }

  /// The name once more, for another vertex of the same step.
  static String again(
      StageBuild stage,
      String text,
      boolean showPlatform,
      Optional<Platform> platform,
      Variables env) {
    stage.stepIndex -= stage.stepTotal == 0 ? 0 : 1;
    return next(stage, text, showPlatform, platform, env);
  }

  /// The keyword in upper case.
  static String withUpperKeyword(String instruction) {
    int space = instruction.indexOf(' ');
    return space < 0
        ? instruction.toUpperCase(Locale.ROOT)
        : instruction.substring(0, space).toUpperCase(Locale.ROOT) + instruction.substring(space);
  }

  /// With variables substituted if that is possible.
  static String substituted(String text, WordProcessor words, Variables env) {
    try {
      return words.expand(text, env).text();
    } catch (DockerfileError e) {
      return text; // only a name: shown as it was written
    }
  }

  private static String crossTarget(Platform base, Variables env) {
    Optional<Platform> target = targetOf(base, env);
    if (target.isEmpty()) {
      return "";
    }
    Platform other = target.get();
    if (!other.os().equals(base.os())) {
      return "->" + other.formatAll();
    }
    if (other.architecture().equals(base.architecture())) {
      return "";
    }
    return "->" + other.architecture() + (other.variant().isEmpty() ? "" : "/" + other.variant());
  }

  private static Optional<Platform> targetOf(Platform base, Variables env) {
    Optional<String> os = Optional.empty();
    Optional<String> architecture = Optional.empty();
    Optional<String> variant = Optional.empty();
    for (String name : env.names()) {
      switch (name) {
        case "TARGETPLATFORM" -> {
          try {
            return Optional.of(PlatformText.parse(env.find(name).orElse("")));
          } catch (DockerfileError e) {
            continue; // somebody's own variable of that name
          }
        }
        case "TARGETOS" -> os = env.find(name);
        case "TARGETARCH" -> architecture = env.find(name);
        case "TARGETVARIANT" -> variant = env.find(name);
        default -> {
          // says nothing about the target
        }
      }
    }
    if (os.isEmpty() && architecture.isEmpty() && variant.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Platform.of(
            os.filter(name -> !name.isEmpty()).orElse(base.os()),
            architecture.filter(name -> !name.isEmpty()).orElse(base.architecture()),
            variant.orElse("")));
  }
}
