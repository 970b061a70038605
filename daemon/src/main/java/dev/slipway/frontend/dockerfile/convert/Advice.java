package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.instruction.CommandLine;
import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.Instruction.Copy;
import dev.slipway.frontend.dockerfile.instruction.Instruction.Run;
import dev.slipway.frontend.dockerfile.lint.LintRule;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.parser.Heredoc;
import dev.slipway.oci.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Our own rules, about what makes builds slow. The reference has no such rules, so they are off
/// unless a `check` directive names them.
final class Advice {
  private static final Pattern COMPILES =
      Pattern.compile(
          "\\b(go (?:build|install|test)|cargo (?:build|install|test)|rustc|gcc|g\\+\\+|clang\\+?\\+?|make)(?=\\s|$)");

  private static final Map<String, String> CROSS_COMPILES_BY =
      Map.of(
          "go", "GOOS=$TARGETOS GOARCH=$TARGETARCH",
          "cargo", "--target for $TARGETPLATFORM",
          "rustc", "--target for $TARGETPLATFORM");

  private static final Pattern INSTALLS =
      Pattern.compile(
          "\\b(npm (?:ci|install|i)|yarn(?: install)?|pnpm (?:install|i)|pip3? install|poetry install|uv sync|go mod download"
              + "|cargo fetch|bundle install|composer install|mvn [^&|;]*dependency:\\S+)(?=\\s|$)");

  private Advice() {}

  /// Looks at a stage that has been converted.
  static void give(StageBuild stage, Scope scope) {
    if (!stage.written) {
      return;
    }
    Optional<Copy> wholeContext = Optional.empty();
    for (Instruction instruction : stage.stage.instructions()) {
      Linter linter = scope.linter().within(instruction.origin().comments());
      if (instruction instanceof Copy copy && copiesEverything(copy)) {
        wholeContext = wholeContext.or(() -> Optional.of(copy));
      } else if (instruction instanceof Run run) {
        String text = text(run.command());
        emulatedCompile(stage, run, text, scope, linter);
        wholeContext.ifPresent(copy -> cacheBuster(copy, text, linter));
      }
    }
  }

  private static void emulatedCompile(
      StageBuild stage, Run run, String text, Scope scope, Linter linter) {
    Platform platform = stage.platform.orElse(scope.target());
    boolean isNative =
        scope.buildPlatforms().stream()
            .anyMatch(
                each ->
                    each.os().equals(platform.os())
                        && each.architecture().equals(platform.architecture()));
    Matcher compiler = COMPILES.matcher(text);
    if (isNative || !compiler.find()) {
      return;
    }
    String tool = compiler.group(1).split(" ")[0];
    linter.warn(
        LintRule.SLIPWAY_EMULATED_COMPILE,
        run.origin().place(),
        "'"
            + compiler.group(1)
            + "' runs under emulation of "
            + platform.formatAll()
            + "; with FROM --platform=$BUILDPLATFORM on line "
            + stage.stage.origin().place().first()
            + " it would run natively and cross-compile by "
            + CROSS_COMPILES_BY.getOrDefault(tool, "a compiler for $TARGETPLATFORM"));
  }

  private static boolean copiesEverything(Copy copy) {
    List<String> everything = List.of(".", "./", "/", "*");
    return copy.from().isEmpty()
        && copy.transfer().sources().stream().anyMatch(everything::contains);
  }

  private static void cacheBuster(Copy copy, String text, Linter linter) {
    Matcher installer = INSTALLS.matcher(text);
    if (installer.find()) {
      linter.warn(
          LintRule.SLIPWAY_CACHE_BUSTER,
          copy.origin().place(),
          "Any change in the context makes '"
              + installer.group(1)
              + "' run again; copy the files that list dependencies first, and the rest after it");
    }
  }

  private static String text(CommandLine command) {
    StringBuilder text = new StringBuilder(String.join(" ", command.arguments()));
    for (Heredoc heredoc : command.heredocs()) {
      text.append('\n').append(heredoc.text());
    }
    return text.toString();
  }
}
