package dev.slipway.frontend.dockerfile.lint;

import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.Blanks;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.text.TruthValue;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which rules are on, as a `check` directive, a build argument or a comment above an instruction
/// says.
///
/// @param skipped titles of rules that are off
/// @param skipAll whether every rule is off
/// @param experimental titles of experimental rules that are on
/// @param experimentalAll whether every experimental rule is on
/// @param warningsFail whether a finding fails the build
public record LintOptions(
    Set<String> skipped,
    boolean skipAll,
    Set<String> experimental,
    boolean experimentalAll,
    boolean warningsFail) {

  public static final LintOptions DEFAULT =
      new LintOptions(Set.of(), false, Set.of(), false, false);

  public LintOptions {
    skipped = Set.copyOf(skipped);
    experimental = Set.copyOf(experimental);
  }

  /// Reads `skip=A,B;experimental=all;error=true`, in any order.
  public static LintOptions parse(String text) {
    LintOptions options = DEFAULT;
    if (Blanks.trim(text).isEmpty()) {
      return options;
    }
    for (String part : Blanks.trim(text).split(";", 3)) {
      int equals = part.indexOf('=');
      if (equals < 0) {
        throw new DockerfileError("invalid check option " + GoText.quote(part));
      }
      options =
          options.with(
              Blanks.trim(part.substring(0, equals)),
              Blanks.trim(part.substring(equals + 1)),
              part);
    }
    return options;
  }

  private LintOptions with(String key, String value, String part) {
    return switch (key) {
      case "skip" ->
          value.equals("all")
              ? new LintOptions(skipped, true, experimental, experimentalAll, warningsFail)
              : new LintOptions(
                  titles(value), skipAll, experimental, experimentalAll, warningsFail);
      case "experimental" ->
          value.equals("all")
              ? new LintOptions(skipped, skipAll, experimental, true, warningsFail)
              : new LintOptions(skipped, skipAll, titles(value), experimentalAll, warningsFail);
      case "error" ->
          new LintOptions(skipped, skipAll, experimental, experimentalAll, truth(value, part));
      default -> throw new DockerfileError("invalid check option " + GoText.quote(key));
    };
  }

  private static boolean truth(String value, String part) {
    return TruthValue.parse(value)
        .orElseThrow(
            () ->
                new DockerfileError(
                    "failed to parse check option "
                        + GoText.quote(part)
                        + ": strconv.ParseBool: parsing "
                        + GoText.quote(value)
                        + ": invalid syntax"));
  }

  private static Set<String> titles(String list) {
    Set<String> titles = new HashSet<>();
    for (String title : List.of(list.split(",", -1))) {
      titles.add(Blanks.trim(title));
    }
    return titles;
  }

  /// These options and the switches of `other`; whether warnings fail is decided for the whole
  /// file.
  LintOptions and(LintOptions other) {
    return new LintOptions(
        union(skipped, other.skipped),
        skipAll || other.skipAll,
        union(experimental, other.experimental),
        experimentalAll || other.experimentalAll,
        warningsFail);
  }

  private static Set<String> union(Set<String> left, Set<String> right) {
    Set<String> all = new HashSet<>(left);
    all.addAll(right);
    return all;
  }

  /// For a further platform of a build: leaves on what may differ from the first.
  public LintOptions ofFurtherPlatform() {
    String title = LintRule.SLIPWAY_EMULATED_COMPILE.title();
    return new LintOptions(
        Set.of(),
        true,
        experimental.contains(title) ? Set.of(title) : Set.of(),
        false,
        warningsFail);
  }

  boolean isOn(LintRule rule) {
    if (rule.isOurs()) {
      return experimental.contains(rule.title());
    }
    return rule.isExperimental()
        ? experimentalAll || experimental.contains(rule.title())
        : !skipAll && !skipped.contains(rule.title());
  }
}
