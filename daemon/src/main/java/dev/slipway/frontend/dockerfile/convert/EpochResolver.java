package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.Instruction.ArgDeclaration;
import dev.slipway.frontend.dockerfile.instruction.Numbers;
import dev.slipway.frontend.dockerfile.instruction.Stage;
import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.shell.WordProcessor;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Finds out what time `SOURCE_DATE_EPOCH` means: seconds since 1970, or the time of the main
/// context, of a named context, or of the one remote file that a stage consists of. Confined to one
/// conversion.
final class EpochResolver {
  private final BuildContexts contexts;
  private final List<Stage> stages;
  private final Variables globals;
  private final Map<String, String> given;
  private final WordProcessor words;

  EpochResolver(
      BuildContexts contexts,
      List<Stage> stages,
      Variables globals,
      Map<String, String> given,
      WordProcessor words) {
    this.contexts = contexts;
    this.stages = stages;
    this.globals = globals;
    this.given = given;
    this.words = words;
  }

  /// Empty when the value is, or when the source it names knows no time.
  Optional<Instant> resolve(String value) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.matches("[-+]?[0-9]+")) {
      return Optional.of(seconds(value));
    }
    if (value.equals("context")) {
      return contexts.mainContextTime();
    }
    Optional<BuildContexts.NamedContext> context =
        contexts.namedContext(value, Optional.empty(), List::of);
    if (context.isPresent()) {
      return time(
          context.get().load().state().root(),
          "[internal] resolve SOURCE_DATE_EPOCH named context " + value);
    }
    for (Stage stage : stages) {
      if (!stage.name().isEmpty() && stage.name().equals(value.toLowerCase(Locale.ROOT))) {
        return contexts.sourceTime(
            source(stage), "[internal] resolve SOURCE_DATE_EPOCH source stage " + stage.name());
      }
    }
    throw new DockerfileError("invalid SOURCE_DATE_EPOCH: " + value);
  }

  private static Instant seconds(String value) {
    try {
      return Instant.ofEpochSecond(Numbers.parseLong(value));
    } catch (DateTimeException | DockerfileError e) {
      throw new DockerfileError("invalid SOURCE_DATE_EPOCH: " + value);
    }
  }

  private Optional<Instant> time(Optional<Output> root, String logName) {
    return root.isPresent() && root.get().node() instanceof SourceNode source
        ? contexts.sourceTime(source, logName)
        : Optional.empty();
  }

  /// The remote file or repository a stage consists of.
  private SourceNode source(Stage stage) {
    try {
      return onlySource(stage);
    } catch (DockerfileError e) {
      throw e.at(stage.origin().place());
    }
  }

  private SourceNode onlySource(Stage stage) {
    Variables env = globals.without("SOURCE_DATE_EPOCH");
    if (!words.expand(stage.base(), env).text().equals(StageBuilds.SCRATCH)) {
      throw new DockerfileError("SOURCE_DATE_EPOCH stage must use FROM scratch");
    }
    Optional<SourceNode> source = Optional.empty();
    for (Instruction instruction : stage.instructions()) {
      switch (instruction) {
        case Instruction.Arg arg -> env = declare(arg, env);
        case Instruction.Add add -> {
          if (source.isPresent()) {
            throw new DockerfileError(
                "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD");
          }
          source = Optional.of(source(add, env));
        }
        default ->
            throw new DockerfileError(
                "SOURCE_DATE_EPOCH stage does not meet source-only requirements:"
                    + " unsupported "
                    + instruction.origin().keyword()
                    + " instruction");
      }
    }
    return source.orElseThrow(
        () -> new DockerfileError("SOURCE_DATE_EPOCH stage must contain exactly one remote ADD"));
  }

  private Variables declare(Instruction.Arg arg, Variables before) {
    Variables env = before;
    for (ArgDeclaration argument : arg.arguments()) {
      String fromClient = given.get(argument.name());
      if (fromClient != null) {
        env = env.with(argument.name(), fromClient);
      } else if (argument.value().isPresent()) {
        env = env.with(argument.name(), words.expand(argument.value().get(), env).text());
      }
    }
    return env;
  }

  private SourceNode source(Instruction.Add add, Variables env) {
    List<String> sources = add.transfer().sources();
    if (!add.transfer().documents().isEmpty() || sources.size() != 1) {
      throw new DockerfileError(
          "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD source");
    }
    String source = words.expand(sources.getFirst(), env).text();
    String checksum = words.expand(add.checksum(), env).text();
    Optional<GitAddress> address = GitAddress.parse(source).filter(git -> !git.looksLocal());
    if (address.isPresent()) {
      GitAddress git = address.get();
      boolean keep = add.keepGitDir().orElse(false) || git.keepGitDir().orElse(false);
      return Sources.git(
          git.forAdd(Optional.of(keep), checksum.isEmpty() ? git.checksum() : checksum),
          NodeNotes.NONE);
    }
    if (!source.startsWith("http://") && !source.startsWith("https://")) {
      throw new DockerfileError(
          "SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD");
    }
    return Sources.http(source, Sources.downloadName(source), checksum, NodeNotes.NONE);
  }
}
