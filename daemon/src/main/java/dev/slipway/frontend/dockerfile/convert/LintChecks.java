package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.ignore.IgnoreMatcher;
import dev.slipway.frontend.dockerfile.ignore.SlashPath;
import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.Instruction.ArgDeclaration;
import dev.slipway.frontend.dockerfile.instruction.Stage;
import dev.slipway.frontend.dockerfile.lint.LintRule;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.shell.Expansion;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import dev.slipway.frontend.dockerfile.source.Suggestion;
import dev.slipway.oci.Platform;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Checks that need to know more than one instruction, or what a variable stands for.
final class LintChecks {
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)");
  private static final Pattern HARMLESS =
      Pattern.compile("(?i)(?:_|^)(?:public|file|version)(?:_|$)");
  static final Set<String> NOT_IN_ENVIRONMENT =
      Set.of(ScanTargets.CONTEXT_ARGUMENT, ScanTargets.STAGE_ARGUMENT);

  private LintChecks() {}

  static void stageNames(List<Stage> stages, Linter linter) {
    Set<String> seen = new HashSet<>();
    for (Stage stage : stages) {
      String name = stage.name();
      if (name.isEmpty()) {
        continue;
      }
      if (name.equals("context") || name.equals("scratch")) {
        linter.warn(
            LintRule.RESERVED_STAGE_NAME,
            stage.origin().place(),
            "Stage name should not use the same name as reserved stage " + GoText.quote(name));
      }
      if (!seen.add(name)) {
        linter.warn(
            LintRule.DUPLICATE_STAGE_NAME,
            stage.origin().place(),
            "Duplicate stage name " + GoText.quote(name) + ", stage names should be unique");
      }
    }
  }

  static void keywordCasing(List<Stage> stages, Linter linter) {
    int lower = 0;
    int upper = 0;
    for (Stage stage : stages) {
      for (String keyword : keywords(stage)) {
        if (isLower(keyword)) {
          lower++;
        } else if (isUpper(keyword)) {
          upper++;
        }
      }
    }
    boolean mostlyLower = lower > upper;
    for (Stage stage : stages) {
      keywordCasing(stage.origin().keyword(), mostlyLower, stage.origin().place(), linter);
      for (Instruction instruction : stage.instructions()) {
        keywordCasing(
            instruction.origin().keyword(), mostlyLower, instruction.origin().place(), linter);
      }
    }
  }

  private static List<String> keywords(Stage stage) {
    List<String> keywords = new java.util.ArrayList<>();
    keywords.add(stage.origin().keyword());
    stage.instructions().forEach(instruction -> keywords.add(instruction.origin().keyword()));
    return keywords;
  }

  private static void keywordCasing(
      String keyword, boolean mostlyLower, LineSpan place, Linter linter) {
    if (mostlyLower ? !isLower(keyword) : !isUpper(keyword)) {
      linter.warn(
          LintRule.CONSISTENT_INSTRUCTION_CASING,
          place,
          "Command '"
              + keyword
              + "' should match the case of the command majority ("
              + (mostlyLower ? "lowercase" : "uppercase")
              + ")");
    }
  }

  private static boolean isLower(String text) {
    return text.equals(text.toLowerCase(Locale.ROOT));
  }

  private static boolean isUpper(String text) {
    return text.equals(text.toUpperCase(Locale.ROOT));
  }

  /// Variables of FROM lines that no ARG declares.
  static void undeclaredInFrom(
      Expansion expansion, Collection<String> declared, LineSpan place, Linter linter) {
    for (String name : expansion.unmatched()) {
      if (!declared.contains(name)) {
        linter.warn(
            LintRule.UNDEFINED_ARG_IN_FROM,
            place,
            "FROM argument '"
                + name
                + "' is not declared"
                + Suggestion.hint(Suggestion.nearest(name, declared)));
      }
    }
  }

  /// A variable of an instruction that nothing sets.
  static void undefined(
      String name, Variables env, List<ArgDeclaration> arguments, LineSpan place, Linter linter) {
    boolean declared = arguments.stream().anyMatch(argument -> argument.name().equals(name));
    if (!declared && !NOT_IN_ENVIRONMENT.contains(name)) {
      Optional<String> near = Suggestion.nearest(name, env.names()).map(option -> "$" + option);
      linter.warn(
          LintRule.UNDEFINED_VAR,
          place,
          "Usage of undefined variable '$" + name + "'" + Suggestion.hint(near));
    }
  }

  static void platformFlag(
      String written, Expansion expansion, Stage stage, Variables globals, Linter linter) {
    LineSpan place = stage.origin().place();
    if (expansion.matched().equals(Set.of("TARGETPLATFORM"))
        && expansion.unmatched().isEmpty()
        && globals.find("TARGETPLATFORM").orElse("").equals(expansion.text())) {
      linter.warn(
          LintRule.REDUNDANT_TARGET_PLATFORM,
          place,
          "Setting platform to predefined "
              + written
              + " in FROM is redundant as this is the default behavior");
    }
    if (!expansion.matched().isEmpty() || !expansion.unmatched().isEmpty()) {
      return;
    }
    try {
      Platform platform = PlatformText.parse(expansion.text());
      if (!stage.name().contains(platform.os())
          && !stage.name().contains(platform.architecture())) {
        linter.warn(
            LintRule.FROM_PLATFORM_FLAG_CONST_DISALLOWED,
            place,
            "FROM --platform flag should not use constant value " + GoText.quote(expansion.text()));
      }
    } catch (DockerfileError e) {
      return; // reported when the stage is built
    }
  }

  static void basePlatform(
      String name, Platform expected, ImageDraft image, LineSpan place, Linter linter) {
    if (image.os.equals(expected.os()) && image.architecture.equals(expected.architecture())) {
      return;
    }
    String actual = image.platform().map(Platform::formatAll).orElse("unknown");
    linter.warn(
        LintRule.INVALID_BASE_IMAGE_PLATFORM,
        place,
        "Base image "
            + name
            + " was pulled with platform "
            + GoText.quote(actual)
            + ", expected "
            + GoText.quote(expected.formatAll())
            + " for current build");
  }

  /// Names that look as if their value were to be kept from others.
  static void secretName(String keyword, String name, LineSpan place, Linter linter) {
    if (SECRET.matcher(name).find() && !HARMLESS.matcher(name).find()) {
      linter.warn(
          LintRule.SECRETS_USED_IN_ARG_OR_ENV,
          place,
          "Do not use ARG or ENV instructions for sensitive data ("
              + keyword
              + " "
              + GoText.quote(name)
              + ")");
    }
  }

  static void legacyPair(Instruction instruction, Linter linter) {
    String keyword = instruction.origin().keyword();
    linter.warn(
        LintRule.LEGACY_KEY_VALUE_FORMAT,
        instruction.origin().place(),
        "\""
            + keyword
            + " key=value\" should be used instead of legacy \""
            + keyword
            + " key value\" format");
  }

  static void shellForm(Instruction instruction, Linter linter) {
    linter.warn(
        LintRule.JSON_ARGS_RECOMMENDED,
        instruction.origin().place(),
        "JSON arguments recommended for "
            + instruction.origin().keyword()
            + " to prevent unintended behavior related to OS signals");
  }

  /// @param before where the instruction stood before in the stage
  static void repeated(Instruction instruction, Optional<LineSpan> before, Linter linter) {
    before.ifPresent(
        place ->
            linter.warn(
                LintRule.MULTIPLE_INSTRUCTIONS_DISALLOWED,
                place,
                "Multiple "
                    + instruction.origin().keyword()
                    + " instructions should not be used in the same stage because only the last one"
                    + " will be used"));
  }

  /// A source that the client will not send. With exceptions in the ignore file one cannot tell.
  static void ignoredSource(
      String source, String verb, Optional<IgnoreMatcher> ignored, LineSpan place, Linter linter) {
    if (ignored.isEmpty() || ignored.get().hasExceptions()) {
      return;
    }
    String path = SlashPath.clean(source);
    boolean root = path.equals(".") || path.equals("/");
    if (root
        ? ignored.get().ignoresEverything() && ignored.get().ignores(path)
        : ignored.get().ignores(path)) {
      linter.warn(
          LintRule.COPY_IGNORED_FILE,
          place,
          "Attempting to "
              + verb
              + " file "
              + GoText.quote(path)
              + " that is excluded by .dockerignore");
    }
  }
}
