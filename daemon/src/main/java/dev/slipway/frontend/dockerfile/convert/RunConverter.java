package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.ExecNode;
import dev.slipway.frontend.dockerfile.graph.ExecNode.Mount;
import dev.slipway.frontend.dockerfile.graph.ExecNode.NetworkMode;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.instruction.CommandLine;
import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.Instruction.ArgDeclaration;
import dev.slipway.frontend.dockerfile.instruction.MountReader;
import dev.slipway.frontend.dockerfile.instruction.MountSpec;
import dev.slipway.frontend.dockerfile.parser.Heredoc;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.shell.WordProcessor;
import dev.slipway.frontend.dockerfile.shell.WordProcessor.Keep;
import dev.slipway.frontend.dockerfile.source.Blanks;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// RUN: one step. Confined to one instruction.
final class RunConverter {
  private static final String SCRIPTS = "/dev/pipes/";
  private static final String SHARED_MEMORY = "/dev/shm";

  private final Scope scope;
  private final StageBuild stage;
  private final Instruction.Run run;
  private final List<StageBuild> sources;
  private final Optional<Output> buildContext;
  private final List<Mount> mounts = new ArrayList<>();
  private String shownSuffix = "";

  RunConverter(
      Scope scope,
      StageBuild stage,
      Instruction.Run run,
      List<StageBuild> sources,
      Optional<Output> buildContext) {
    this.scope = scope;
    this.stage = stage;
    this.run = run;
    this.sources = sources;
    this.buildContext = buildContext;
  }

  void convert(Substitution substitution) {
    List<MountSpec> specs =
        run.mounts().stream().map(mount -> MountReader.read(mount, substitution::apply)).toList();
    stage.usedPaths.add("/"); // a process may read anything
    List<String> arguments = arguments();
    if (run.command().inShell()) {
      arguments = ImageSettings.inShell(stage.image, arguments);
    }
    if (arguments.isEmpty()) {
      throw new DockerfileError("arguments are required");
    }
    MountConverter converter = new MountConverter(scope, stage, buildContext);
    for (int i = 0; i < specs.size(); i++) {
      converter.convert(specs.get(i), sources.get(i), run.origin().place());
    }
    mounts.addAll(converter.mounts());
    if (scope.config().sharedMemory() > 0 && scope.supports("exec.mount.tmpfs.size")) {
      mounts.add(
          new Mount(
              SHARED_MEMORY,
              Optional.empty(),
              "",
              new ExecNode.Memory(scope.config().sharedMemory(), false)));
    }
    List<ExecNode.Agent> agents = converter.agents();
    ExecNode node =
        new ExecNode(
            stage.state.root(),
            process(arguments, agents),
            mounts,
            converter.secrets(),
            agents,
            platform(),
            notes(specs));
    Variables env = stage.state.env();
    stage.state = stage.state.withRoot(Optional.of(node.output()));
    stage.record("RUN " + historyLine(arguments, env) + " # buildkit", true, scope.historyTime());
  }

  private Platform platform() {
    return stage.state.platform().orElse(scope.target());
  }

  /// What is run, heredocs put in their places.
  private List<String> arguments() {
    CommandLine command = run.command();
    if (command.heredocs().isEmpty()) {
      return command.arguments();
    }
    if (command.arguments().size() != 1 || !command.inShell()) {
      throw new DockerfileError(
          "parsing produced an invalid run command: " + GoText.list(command.arguments()));
    }
    String line = command.arguments().getFirst();
    return Heredoc.parseLeniently(line).isPresent()
        ? List.of(script(command.heredocs().getFirst()))
        : List.of(withHeredocs(line, command.heredocs()));
  }

  /// The whole command is one heredoc: the shell runs its text, or the program its first line names
  /// does.
  private String script(Heredoc heredoc) {
    shownSuffix = " (" + summary(heredoc.content()) + ")";
    String text = heredoc.text();
    if (stage.image.os.equals("windows") || !text.startsWith("#!")) {
      return text;
    }
    Output file = InlineDocuments.file("/" + heredoc.name(), 0755, text).output();
    mounts.add(new Mount(SCRIPTS, Optional.of(file), "/", new ExecNode.ReadOnly()));
    return SCRIPTS + heredoc.name();
  }

  /// Heredocs within a command are the shell's business.
  private static String withHeredocs(String line, List<Heredoc> heredocs) {
    StringBuilder whole = new StringBuilder(line);
    for (Heredoc heredoc : heredocs) {
      whole.append('\n').append(heredoc.content()).append(heredoc.name());
    }
    return whole.toString();
  }

  private static String summary(String text) {
    String trimmed = Blanks.trim(text).replace("\r\n", "\n");
    int end = trimmed.indexOf('\n');
    return end < 0 ? trimmed : trimmed.substring(0, end) + "...";
  }

  private ExecNode.Command process(List<String> arguments, List<ExecNode.Agent> agents) {
    BuildConfig config = scope.config();
    boolean daemonSetsPath = scope.supports("exec.meta.setsdefaultpath");
    return new ExecNode.Command(
        arguments,
        env(agents, daemonSetsPath),
        stage.state.directory(),
        stage.state.user(),
        config.hostname(),
        scope.supports("exec.meta.cgroup.parent") ? config.cgroupParent() : "",
        config.hosts(),
        scope.supports("exec.meta.ulimit") ? config.limits() : List.of(),
        ProxyArguments.find(scope.arguments()),
        switch (run.network()) {
          case DEFAULT -> config.network();
          case NONE -> NetworkMode.NONE;
          case HOST -> NetworkMode.HOST;
        },
        run.security() == Instruction.Security.INSECURE,
        devices(),
        daemonSetsPath);
  }

  private List<String> env(List<ExecNode.Agent> agents, boolean daemonSetsPath) {
    Variables env = stage.state.env();
    if (!agents.isEmpty() && env.find("SSH_AUTH_SOCK").isEmpty()) {
      env = env.with("SSH_AUTH_SOCK", agents.getFirst().target());
    }
    if (!daemonSetsPath && env.find("PATH").isEmpty() && !platform().os().equals("windows")) {
      env = env.with("PATH", ImageDraft.defaultPath(platform().os()));
    }
    return env.entries();
  }

  private List<ExecNode.Device> devices() {
    if (!scope.supports("exec.meta.cdi") || run.devices().isEmpty()) {
      return List.of();
    }
    if (!scope.labs()) {
      throw new DockerfileError(
          "device feature is only supported in Dockerfile frontend 1.14.0-labs or later");
    }
    return run.devices().stream()
        .map(device -> new ExecNode.Device(device.name(), !device.required()))
        .toList();
  }

  private NodeNotes notes(List<MountSpec> specs) {
    Variables env = stage.state.env();
    for (MountSpec spec : specs) {
      if (spec.kind() == MountSpec.Kind.SECRET && spec.env().isPresent()) {
        env = env.with(spec.env().get(), "****"); // shows that the value will come from a secret
      }
    }
    WordProcessor words = scope.words().keeping(Keep.QUOTES, Keep.UNSET_VARIABLES);
    String text =
        StepNames.withUpperKeyword(
            StepNames.substituted(run.origin().text() + shownSuffix, words, env));
    String name =
        StepNames.next(
            stage, text, scope.config().multiPlatform(), stage.state.platform(), stage.state.env());
    return NodeNotes.named(name)
        .withCommand(run.origin().text())
        .at(run.origin().place())
        .ignoringCache(stage.ignoreCache)
        .limitedTo(
            scope.supports("exec.meta.linux.resources")
                ? scope.config().resources()
                : Optional.empty());
  }

  /// The command, after the arguments that were in its environment: `|1 A=b /bin/sh -c …`.
  private String historyLine(List<String> arguments, Variables env) {
    SequencedMap<String, String> values = new LinkedHashMap<>();
    for (ArgDeclaration argument : stage.arguments) {
      values.put(argument.name(), env.find(argument.name()).orElse(argument.valueText()));
    }
    List<String> words = new ArrayList<>();
    if (!values.isEmpty()) {
      words.add("|" + values.size());
      values.forEach((name, value) -> words.add(name + "=" + value));
    }
    words.addAll(arguments);
    return String.join(" ", words);
  }
}
