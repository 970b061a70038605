package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.convert.TransferConverter.Surroundings;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.ignore.IgnoreMatcher;
import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.lint.Linter;
import java.util.Optional;

/// Applies one instruction after the other to the stages they belong to. Confined to one
/// conversion.
final class InstructionConverter {
  private final Scope scope;
  private final Optional<Output> buildContext;
  private final Optional<IgnoreMatcher> ignored;

  /// @param buildContext the main context, which may be described later
  InstructionConverter(
      Scope scope, Optional<Output> buildContext, Optional<IgnoreMatcher> ignored) {
    this.scope = scope;
    this.buildContext = buildContext;
    this.ignored = ignored;
  }

  void convert(StageBuild stage, Step step) {
    Instruction instruction = step.instruction();
    Linter linter = scope.linter().within(instruction.origin().comments());
    Substitution substitution = new Substitution(scope.words(), stage, instruction, linter);
    ImageSettings settings = new ImageSettings(scope, stage, substitution, linter);
    stage.inTrigger = step.trigger();
    switch (instruction) {
      case Instruction.Add add ->
          new TransferConverter(new Surroundings(scope, stage, linter, ignored))
              .add(add, substitution, buildContext);
      case Instruction.Copy copy -> copy(stage, step, copy, substitution, linter);
      case Instruction.Run run ->
          new RunConverter(scope, stage, run, step.sources(), buildContext).convert(substitution);
      case Instruction.Workdir workdir ->
          new WorkdirConverter(scope, stage).convert(workdir, substitution, linter);
      case Instruction.Arg arg -> settings.apply(arg);
      case Instruction.Cmd cmd -> settings.apply(cmd);
      case Instruction.Entrypoint entrypoint -> settings.apply(entrypoint);
      case Instruction.Env env -> settings.apply(env);
      case Instruction.Expose expose -> settings.apply(expose);
      case Instruction.Healthcheck healthcheck -> settings.apply(healthcheck);
      case Instruction.Label label -> settings.apply(label);
      case Instruction.Maintainer maintainer -> settings.apply(maintainer);
      case Instruction.Onbuild onbuild -> settings.apply(onbuild);
      case Instruction.Shell shell -> settings.apply(shell);
      case Instruction.StopSignal signal -> settings.apply(signal);
      case Instruction.User user -> settings.apply(user);
      case Instruction.Volume volume -> settings.apply(volume);
    }
  }

  private void copy(
      StageBuild stage,
      Step step,
      Instruction.Copy copy,
      Substitution substitution,
      Linter linter) {
    if (step.sources().isEmpty()) {
      new TransferConverter(new Surroundings(scope, stage, linter, ignored))
          .copy(copy, substitution, buildContext, stage.contextPaths);
      return;
    }
    StageBuild source = step.sources().getFirst();
    // Files of other stages are not subject to the ignore file.
    TransferConverter converter =
        new TransferConverter(new Surroundings(scope, stage, linter, Optional.empty()));
    converter.requireConverted(source, copy.from());
    converter.copy(copy, substitution, source.state.root(), source.usedPaths);
  }
}
