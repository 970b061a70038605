package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.instruction.Flags.Kind;
import dev.slipway.frontend.dockerfile.instruction.Instruction.ArgDeclaration;
import dev.slipway.frontend.dockerfile.instruction.Instruction.KeyValue;
import dev.slipway.frontend.dockerfile.lint.LintRule;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.parser.Arguments;
import dev.slipway.frontend.dockerfile.parser.Heredoc;
import dev.slipway.frontend.dockerfile.parser.Statement;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.Blanks;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads one statement as the instruction its keyword names (all but FROM, which [StageReader]
/// reads).
final class InstructionReader {
  static final List<String> KEYWORDS =
      List.of(
          "ADD",
          "ARG",
          "CMD",
          "COPY",
          "ENTRYPOINT",
          "ENV",
          "EXPOSE",
          "FROM",
          "HEALTHCHECK",
          "LABEL",
          "MAINTAINER",
          "ONBUILD",
          "RUN",
          "SHELL",
          "STOPSIGNAL",
          "USER",
          "VOLUME",
          "WORKDIR");
  private static final Pattern ONBUILD =
      Pattern.compile("(?i)^[\\t\\n\\f\\r ]*ONBUILD[\\t\\n\\f\\r ]*");

  private final Statement statement;
  private final Linter linter;
  private final Origin origin;

  private InstructionReader(Statement statement, Linter linter) {
    this.statement = statement;
    this.linter = linter;
    this.origin = origin(statement);
  }

  static Origin origin(Statement statement) {
    return new Origin(
        statement.keyword(),
        Blanks.trim(statement.original()),
        statement.place(),
        statement.comments());
  }

  /// Fails with an error that has no place yet.
  static Instruction read(Statement statement, Linter linter) {
    return new InstructionReader(statement, linter).read();
  }

  private Instruction read() {
    return switch (statement.keyword().toLowerCase(Locale.ROOT)) {
      case "add" -> FileTransferReader.add(statement, origin);
      case "arg" -> arg();
      case "cmd" -> {
        noFlags();
        yield new Instruction.Cmd(origin, commandLine());
      }
      case "copy" -> FileTransferReader.copy(statement, origin);
      case "entrypoint" -> {
        noFlags();
        yield new Instruction.Entrypoint(origin, commandLine());
      }
      case "env" -> new Instruction.Env(origin, pairs("ENV"));
      case "expose" -> expose();
      case "healthcheck" -> HealthcheckReader.read(statement, origin);
      case "label" -> new Instruction.Label(origin, pairs("LABEL"));
      case "maintainer" -> maintainer();
      case "onbuild" -> onbuild();
      case "run" -> run();
      case "shell" -> shell();
      case "stopsignal" -> new Instruction.StopSignal(origin, only("STOPSIGNAL"));
      case "user" -> {
        String user = only("USER");
        noFlags();
        yield new Instruction.User(origin, user);
      }
      case "volume" -> volume();
      case "workdir" -> {
        String path = only("WORKDIR");
        noFlags();
        yield new Instruction.Workdir(origin, path);
      }
      default ->
          throw new DockerfileError(
              "unknown instruction: "
                  + statement.keyword()
                  + Suggestion.hint(Suggestion.nearestIgnoringCase(statement.keyword(), KEYWORDS)));
    };
  }

  private void noFlags() {
    Flags.parse(statement.flags(), Map.of());
  }

  private List<String> words() {
    return statement.arguments().words();
  }

  private String only(String keyword) {
    if (words().size() != 1) {
      throw new DockerfileError(keyword + " requires exactly one argument");
    }
    return words().getFirst();
  }

  private void requireSome(String keyword) {
    if (words().isEmpty()) {
      throw new DockerfileError(keyword + " requires at least one argument");
    }
  }

  private Instruction arg() {
    requireSome("ARG");
    List<ArgDeclaration> declarations = new ArrayList<>();
    for (String word : words()) {
      int equals = word.indexOf('=');
      if (equals == 0) {
        throw new DockerfileError("ARG names can not be blank");
      }
      String name = equals < 0 ? word : word.substring(0, equals);
      Optional<String> value =
          equals < 0 ? Optional.empty() : Optional.of(word.substring(equals + 1));
      declarations.add(
          new ArgDeclaration(name, value, StageReader.description(statement.comments(), name)));
    }
    StageReader.checkDescription(
        "ARG", declarations.stream().map(ArgDeclaration::name).toList(), statement, linter);
    return new Instruction.Arg(origin, declarations);
  }

  private List<KeyValue> pairs(String keyword) {
    noFlags();
    if (!(statement.arguments() instanceof Arguments.Pairs(List<Arguments.Pair> pairs))) {
      throw new DockerfileError(keyword + " requires at least one argument");
    }
    for (Arguments.Pair pair : pairs) {
      if (pair.key().isEmpty()) {
        throw new DockerfileError(keyword + " names can not be blank");
      }
    }
    return pairs.stream()
        .map(pair -> new KeyValue(pair.key(), pair.value(), pair.legacy()))
        .toList();
  }

  private Instruction maintainer() {
    linter.warn(
        LintRule.MAINTAINER_DEPRECATED,
        statement.place(),
        "Maintainer instruction is deprecated in favor of using label");
    String name = only("MAINTAINER");
    noFlags();
    return new Instruction.Maintainer(origin, name);
  }

  private CommandLine commandLine() {
    return new CommandLine(
        words(), !(statement.arguments() instanceof Arguments.Json), statement.heredocs());
  }

  private Instruction run() {
    Flags flags =
        Flags.parse(
            statement.flags(),
            Map.of(
                "mount",
                Kind.REPEATED,
                "network",
                Kind.TEXT,
                "security",
                Kind.TEXT,
                "device",
                Kind.REPEATED));
    List<Instruction.Device> devices =
        flags.all("device").stream().map(DeviceReader::read).toList();
    flags.all("mount").forEach(MountReader::checkEarly);
    return new Instruction.Run(
        origin, commandLine(), flags.all("mount"), network(flags), security(flags), devices);
  }

  private static Instruction.Network network(Flags flags) {
    if (flags.all("network").isEmpty()) {
      return Instruction.Network.DEFAULT;
    }
    return switch (flags.text("network")) {
      case "default" -> Instruction.Network.DEFAULT;
      case "none" -> Instruction.Network.NONE;
      case "host" -> Instruction.Network.HOST;
      default ->
          throw new DockerfileError("invalid network mode " + GoText.quote(flags.text("network")));
    };
  }

  private static Instruction.Security security(Flags flags) {
    if (flags.all("security").isEmpty()) {
      return Instruction.Security.SANDBOX;
    }
    return switch (flags.text("security")) {
      case "sandbox" -> Instruction.Security.SANDBOX;
      case "insecure" -> Instruction.Security.INSECURE;
      default ->
          throw new DockerfileError(
              "security " + GoText.quote(flags.text("security")) + " is not valid");
    };
  }

  private Instruction expose() {
    requireSome("EXPOSE");
    noFlags();
    return new Instruction.Expose(origin, words().stream().sorted().toList());
  }

  private Instruction volume() {
    requireSome("VOLUME");
    noFlags();
    List<String> paths = words().stream().map(Blanks::trim).toList();
    if (paths.contains("")) {
      throw new DockerfileError("VOLUME specified can not be an empty string");
    }
    return new Instruction.Volume(origin, paths);
  }

  private Instruction shell() {
    noFlags();
    requireSome("SHELL");
    if (!(statement.arguments() instanceof Arguments.Json(List<String> command))) {
      throw new DockerfileError("SHELL requires the arguments to be in JSON form");
    }
    return new Instruction.Shell(origin, command);
  }

  private Instruction onbuild() {
    requireSome("ONBUILD");
    noFlags();
    String keyword = words().getFirst().toUpperCase(Locale.ROOT);
    switch (keyword) {
      case "ONBUILD" ->
          throw new DockerfileError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
      case "MAINTAINER", "FROM" ->
          throw new DockerfileError(keyword + " isn't allowed as an ONBUILD trigger");
      default -> {
        // everything else may be put off to a later build
      }
    }
    StringBuilder trigger =
        new StringBuilder(ONBUILD.matcher(statement.original()).replaceFirst(""));
    for (Heredoc heredoc : statement.heredocs()) {
      trigger.append('\n').append(heredoc.content()).append(heredoc.name());
    }
    return new Instruction.Onbuild(origin, trigger.toString());
  }
}
