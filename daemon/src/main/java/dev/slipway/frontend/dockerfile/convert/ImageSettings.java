package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.instruction.CommandLine;
import dev.slipway.frontend.dockerfile.instruction.GoDuration;
import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.Instruction.ArgDeclaration;
import dev.slipway.frontend.dockerfile.instruction.Instruction.KeyValue;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Instructions that change the image's configuration or a stage's variables, and no files.
/// Confined to one instruction.
///
/// Every history line is written exactly as the reference writes it, since it is part of the
/// image's digest.
final class ImageSettings {
  private final Scope scope;
  private final StageBuild stage;
  private final Substitution substitution;
  private final Linter linter;

  ImageSettings(Scope scope, StageBuild stage, Substitution substitution, Linter linter) {
    this.scope = scope;
    this.stage = stage;
    this.substitution = substitution;
    this.linter = linter;
  }

  private void record(String createdBy) {
    stage.record(createdBy, false, scope.historyTime());
  }

  void apply(Instruction.Env env) {
    StringBuilder line = new StringBuilder("ENV");
    for (KeyValue variable : substitution.applyToPairs(env.variables())) {
      if (variable.legacy()) {
        LintChecks.legacyPair(env, linter);
      }
      LintChecks.secretName("ENV", variable.key(), env.origin().place(), linter);
      line.append(' ').append(variable);
      stage.state = stage.state.withVariable(variable.key(), variable.value());
      setEnv(stage.image.env, variable);
    }
    record(line.toString());
  }

  /// Sets a variable of the image where it stands, or at the end.
  private static void setEnv(List<String> env, KeyValue variable) {
    for (int i = 0; i < env.size(); i++) {
      String name = env.get(i).split("=", 2)[0];
      if (name.equals(variable.key())) {
        env.set(i, variable.toString());
        return;
      }
    }
    env.add(variable.toString());
  }

  void apply(Instruction.Label label) {
    StringBuilder line = new StringBuilder("LABEL");
    for (KeyValue pair : substitution.applyToPairs(label.labels())) {
      if (pair.legacy()) {
        LintChecks.legacyPair(label, linter);
      }
      stage.image.labels.put(pair.key(), pair.value());
      line.append(' ').append(pair);
    }
    record(line.toString());
  }

  /// A value comes from the client, or the default, or a global of that name, in this order.
  void apply(Instruction.Arg arg) {
    List<String> shown = new ArrayList<>();
    for (ArgDeclaration argument : arg.arguments()) {
      LintChecks.secretName("ARG", argument.name(), arg.origin().place(), linter);
      Optional<String> value = Optional.ofNullable(scope.arguments().get(argument.name()));
      boolean own = value.isPresent() || argument.value().isPresent();
      if (value.isEmpty()) {
        value =
            own ? argument.value().map(substitution::apply) : scope.globals().find(argument.name());
      }
      if (own || value.isEmpty()) {
        stage.outline.declare(argument.withValue(value), arg.origin().place(), List.of());
      }
      stage.outline.use(List.of(argument.name()));
      if (value.isPresent() && !LintChecks.NOT_IN_ENVIRONMENT.contains(argument.name())) {
        stage.state = stage.state.withVariable(argument.name(), value.get());
      }
      stage.arguments.add(argument.withValue(value));
      shown.add(argument.name() + value.map(text -> "=" + text).orElse(""));
    }
    record("ARG " + String.join(" ", shown));
  }

  void apply(Instruction.Maintainer maintainer) {
    stage.image.author = maintainer.name();
    record("MAINTAINER " + maintainer.name());
  }

  void apply(Instruction.Onbuild onbuild) {
    List<String> triggers = new ArrayList<>(stage.image.triggers);
    triggers.add(onbuild.trigger());
    stage.image.triggers = List.copyOf(triggers);
  }

  void apply(Instruction.Cmd cmd) {
    LintChecks.repeated(cmd, stage.lastCmd, linter);
    stage.lastCmd = Optional.of(cmd.origin().place());
    stage.image.cmd = command(cmd, cmd.command());
    stage.image.argumentsEscaped = true;
    record("CMD " + GoText.quote(stage.image.cmd));
  }

  void apply(Instruction.Entrypoint entrypoint) {
    LintChecks.repeated(entrypoint, stage.lastEntrypoint, linter);
    stage.lastEntrypoint = Optional.of(entrypoint.origin().place());
    stage.image.entrypoint = command(entrypoint, entrypoint.command());
    if (stage.lastCmd.isEmpty()) {
      stage.image.cmd = List.of(); // arguments of the base image's own entrypoint
    }
    record("ENTRYPOINT " + GoText.quote(stage.image.entrypoint));
  }

  private List<String> command(Instruction instruction, CommandLine command) {
    if (!command.inShell()) {
      return command.arguments();
    }
    if (stage.image.shell.isEmpty()) {
      LintChecks.shellForm(instruction, linter);
    }
    return inShell(stage.image, command.arguments());
  }

  /// The command line that has the stage's shell run `arguments`.
  static List<String> inShell(ImageDraft image, List<String> arguments) {
    List<String> shell = image.shell;
    if (shell.isEmpty()) {
      shell = image.os.equals("windows") ? List.of("cmd", "/S", "/C") : List.of("/bin/sh", "-c");
    }
    List<String> line = new ArrayList<>(shell);
    line.add(String.join(" ", arguments));
    return line;
  }

  void apply(Instruction.Healthcheck check) {
    LintChecks.repeated(check, stage.lastHealthcheck, linter);
    stage.lastHealthcheck = Optional.of(check.origin().place());
    stage.image.health =
        Optional.of(
            new ImageDraft.Health(
                check.test(),
                check.interval(),
                check.timeout(),
                check.startPeriod(),
                check.startInterval(),
                check.retries()));
    record(
        "HEALTHCHECK {Test:"
            + GoText.list(check.test())
            + " Interval:"
            + GoDuration.print(check.interval())
            + " Timeout:"
            + GoDuration.print(check.timeout())
            + " StartPeriod:"
            + GoDuration.print(check.startPeriod())
            + " StartInterval:"
            + GoDuration.print(check.startInterval())
            + " Retries:"
            + check.retries()
            + "}");
  }

  void apply(Instruction.Expose expose) {
    List<String> words = new ArrayList<>();
    for (String port : expose.ports()) {
      words.addAll(scope.words().expand(port, stage.state.env()).words());
    }
    List<String> ports = new ExposedPorts(expose.origin().place(), linter).parse(words);
    ports.forEach(port -> stage.image.exposedPorts.put(port, ""));
    record("EXPOSE " + GoText.list(ports));
  }

  void apply(Instruction.User user) {
    String name = substitution.apply(user.user());
    setUser(stage, name);
    record("USER " + name);
  }

  static void setUser(StageBuild stage, String name) {
    stage.state = stage.state.withUser(name);
    stage.image.user = name;
  }

  void apply(Instruction.Volume volume) {
    List<String> paths = substitution.apply(volume.paths());
    if (paths.contains("")) {
      throw new DockerfileError("VOLUME specified can not be an empty string");
    }
    paths.forEach(path -> stage.image.volumes.put(path, ""));
    record("VOLUME " + GoText.list(paths));
  }

  void apply(Instruction.StopSignal stop) {
    String signal = substitution.apply(stop.signal());
    StopSignals.check(signal);
    stage.image.stopSignal = signal;
    record("STOPSIGNAL " + signal);
  }

  void apply(Instruction.Shell shell) {
    stage.image.shell = shell.command();
    record("SHELL " + GoText.list(shell.command()));
  }
}
