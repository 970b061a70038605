package dev.slipway.client.command;

import dev.slipway.client.connect.DaemonAddress;
import dev.slipway.client.connect.DaemonConnection;
import dev.slipway.client.connect.DaemonConnection.KeyPair;
import dev.slipway.client.connect.DaemonConnection.Tls;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.wire.FailureCodec;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A program's arguments: flags that say which daemon, then a command with its own. Answers with an
/// exit code; failures go to standard error.
public final class CommandLine {
  private static final Flags.Table GLOBAL =
      new Flags.Table(
          List.of(
              "addr",
              "tlsservername",
              "tlscacert",
              "tlscert",
              "tlskey",
              "tlsdir",
              "timeout",
              "log-format"),
          List.of("debug", "help", "version", "wait"),
          Map.of("h", "help", "v", "version"));

  /// As shells report a program that an interrupt ended.
  private static final int INTERRUPTED = 130;

  private final String program;
  private final Map<String, Command> commands;
  private final String usage;
  private final Terminal terminal;

  private CommandLine(
      String program, Map<String, Command> commands, String usage, Terminal terminal) {
    this.program = program;
    this.commands = Map.copyOf(commands);
    this.usage = usage;
    this.terminal = terminal;
  }

  /// The program `slipway`.
  public static CommandLine slipway() {
    Map<String, Command> commands =
        Map.of(
            "build", new BuildCommand(),
            "workers", InspectCommands::workers,
            "info", InspectCommands::info,
            "du", InspectCommands::usage,
            "prune", InspectCommands::prune);
    String usage =
        """
        Usage: slipway [--addr ADDRESS] COMMAND [flags]

          build    build an image from a Dockerfile
          workers  what the daemon can run
          info     the daemon's version
          du       what builds keep on the daemon's disk
          prune    remove what is not in use

          --addr   unix:///path or tcp://host:port (environment: BUILDKIT_HOST;
                   default: /run/slipway/slipwayd.sock where it is, else /run/buildkit/buildkitd.sock)
        """;
    return new CommandLine("slipway", commands, usage, Terminal.ofThisProcess());
  }

  /// The program `buildctl`, for tooling made for BuildKit's.
  public static CommandLine buildctl() {
    Map<String, Command> commands =
        Map.of(
            "build", new BuildctlBuild(),
            "b", new BuildctlBuild(),
            "debug workers", InspectCommands::workers,
            "debug info", InspectCommands::info,
            "du", InspectCommands::usage,
            "prune", InspectCommands::prune);
    String usage =
        """
        Usage: buildctl [--addr ADDRESS] COMMAND [flags]

          build, du, prune, debug workers, debug info, dial-stdio
        """;
    return new CommandLine("buildctl", commands, usage, Terminal.ofThisProcess());
  }

  /// @return exit code
  public int run(List<String> arguments) {
    InterruptSignal.interrupts(Thread.currentThread());
    try {
      return dispatch(arguments);
    } catch (BuildFailure failure) {
      terminal.err().println(FailureText.of(failure));
      return Thread.interrupted() ? INTERRUPTED : 1;
    }
  }

  /// What the command throws, with where the daemon was looked for when there was none.
  private int run(
      Command command, List<String> arguments, DaemonAddress address, Optional<Tls> tls) {
    try (DaemonConnection daemon = DaemonConnection.open(address, tls)) {
      return command.run(arguments, daemon, terminal);
    } catch (Unavailable failure) {
      throw unreachable(address, failure);
    } catch (StatusRuntimeException failed) {
      BuildFailure failure = FailureCodec.decode(failed);
      throw failure instanceof Unavailable gone ? unreachable(address, gone) : failure;
    }
  }

  private static BuildFailure unreachable(DaemonAddress address, Unavailable failure) {
    Throwable deepest = failure;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String why =
        failure.text().equals("io exception")
            ? String.valueOf(deepest.getMessage())
            : failure.text();
    return new Unavailable("no answer from the daemon at " + address + ": " + why, failure);
  }

  /// Each program looks for its own daemon first.
  private DaemonAddress usualAddress() {
    List<Path> places =
        program.equals("slipway")
            ? List.of(DaemonAddress.PACKAGED, DaemonAddress.BUILDKIT)
            : List.of(DaemonAddress.PACKAGED, DaemonAddress.BUILDKIT).reversed();
    return DaemonAddress.usual(places, Files::exists);
  }

  private int dispatch(List<String> arguments) {
    int split = firstWord(arguments);
    Flags global = Flags.parse(arguments.subList(0, split), GLOBAL);
    if (global.on("version")) {
      terminal
          .out()
          .println(
              program
                  + " dev.slipway "
                  + Optional.ofNullable(CommandLine.class.getPackage().getImplementationVersion())
                      .orElse("dev"));
      return 0;
    }
    if (global.on("help") || split == arguments.size()) {
      terminal.out().print(usage);
      return 0;
    }
    String name = arguments.get(split);
    List<String> rest = arguments.subList(split + 1, arguments.size());
    if (name.equals("debug") && !rest.isEmpty()) {
      name = "debug " + rest.getFirst();
      rest = rest.subList(1, rest.size());
    }
    String given = global.last("addr").orElse(terminal.variable("BUILDKIT_HOST", ""));
    DaemonAddress address = given.isEmpty() ? usualAddress() : DaemonAddress.parse(given);
    if (name.equals("dial-stdio")) {
      return DialStdio.run(address, terminal);
    }
    Command command = commands.get(name);
    if (command == null) {
      throw new InvalidRequest("unknown command \"" + name + "\" for " + program + "\n" + usage);
    }
    if (rest.contains("--help") || rest.contains("-h")) {
      terminal
          .out()
          .print(name.equals("build") && program.equals("slipway") ? BuildCommand.USAGE : usage);
      return 0;
    }
    return run(command, rest, address, tls(global));
  }

  /// Where the global flags end.
  private static int firstWord(List<String> arguments) {
    int i = 0;
    while (i < arguments.size() && arguments.get(i).startsWith("-")) {
      String name = arguments.get(i).replaceFirst("^--?", "");
      boolean takesNext = GLOBAL.values().contains(name);
      i += takesNext ? 2 : 1;
    }
    return Math.min(i, arguments.size());
  }

  private static Optional<Tls> tls(Flags flags) {
    Optional<Path> directory = flags.last("tlsdir").map(Path::of);
    Optional<Path> ca =
        flags.last("tlscacert").map(Path::of).or(() -> directory.map(dir -> dir.resolve("ca.pem")));
    Optional<Path> cert =
        flags.last("tlscert").map(Path::of).or(() -> directory.map(dir -> dir.resolve("cert.pem")));
    Optional<Path> key =
        flags.last("tlskey").map(Path::of).or(() -> directory.map(dir -> dir.resolve("key.pem")));
    if (ca.isEmpty() && cert.isEmpty()) {
      return Optional.empty();
    }
    if (cert.isPresent() != key.isPresent()) {
      throw new InvalidRequest("a client certificate needs both --tlscert and --tlskey");
    }
    Optional<KeyPair> pair = cert.map(certificate -> new KeyPair(certificate, key.orElseThrow()));
    return Optional.of(new Tls(flags.last("tlsservername"), ca, pair));
  }
}
