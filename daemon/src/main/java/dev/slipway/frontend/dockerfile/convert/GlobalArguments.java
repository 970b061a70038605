package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.Instruction.ArgDeclaration;
import dev.slipway.frontend.dockerfile.shell.Expansion;
import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.shell.WordProcessor;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.oci.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Variables that FROM lines can use.
final class GlobalArguments {
  private GlobalArguments() {}

  /// The automatic ones: what is built on, and what for.
  ///
  /// @param given build arguments, which win
  /// @param stage name of the stage built, empty for the default
  static Variables platform(
      Platform build, Platform target, String stage, Map<String, String> given) {
    List<Map.Entry<String, String>> table =
        List.of(
            Map.entry("BUILDPLATFORM", build.format()),
            Map.entry("BUILDOS", build.os()),
            Map.entry("BUILDOSVERSION", build.osVersion()),
            Map.entry("BUILDARCH", build.architecture()),
            Map.entry("BUILDVARIANT", build.variant()),
            Map.entry("TARGETPLATFORM", target.formatAll()),
            Map.entry("TARGETOS", target.os()),
            Map.entry("TARGETOSVERSION", target.osVersion()),
            Map.entry("TARGETARCH", target.architecture()),
            Map.entry("TARGETVARIANT", target.variant()),
            Map.entry("TARGETSTAGE", stage.isEmpty() ? "default" : stage));
    Variables variables = Variables.none();
    for (var entry : table) {
      variables =
          variables.with(entry.getKey(), given.getOrDefault(entry.getKey(), entry.getValue()));
    }
    return variables;
  }

  /// Adds the ARGs before the first FROM.
  ///
  /// @param outline to which they are added too
  static Variables declared(
      Variables before,
      List<Instruction.Arg> instructions,
      WordProcessor words,
      Map<String, String> given,
      StageOutline outline) {
    Variables variables = before;
    for (Instruction.Arg instruction : instructions) {
      for (ArgDeclaration argument : instruction.arguments()) {
        Optional<String> value = Optional.ofNullable(given.get(argument.name()));
        Set<String> dependsOn = Set.of();
        if (value.isEmpty() && argument.value().isPresent()) {
          Expansion expansion = expand(argument.value().get(), variables, words, instruction);
          value = Optional.of(expansion.text());
          dependsOn = expansion.matched();
        }
        outline.declare(argument.withValue(value), instruction.origin().place(), dependsOn);
        if (value.isPresent()) {
          variables = variables.with(argument.name(), value.get());
        }
      }
    }
    return variables;
  }

  private static Expansion expand(
      String text, Variables variables, WordProcessor words, Instruction.Arg instruction) {
    try {
      return words.expand(text, variables);
    } catch (DockerfileError e) {
      throw e.at(instruction.origin().place());
    }
  }
}
