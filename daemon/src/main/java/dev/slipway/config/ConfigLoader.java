package dev.slipway.config;

import dev.slipway.config.ConfigReader.StepLogs;
import dev.slipway.config.Node.Value;
import dev.slipway.text.TruthValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Brings file, environment and command line together. Precedence: flag, environment, file,
/// default.
public final class ConfigLoader {
  private static final Path DEFAULT_FILE = Path.of("/etc/buildkit/buildkitd.toml");

  private ConfigLoader() {}

  /// What the command line asked for.
  public sealed interface Outcome {
    record ShowHelp(String text) implements Outcome {}

    record ShowVersion() implements Outcome {}

    /// Print the configuration in force.
    record ShowConfig(DaemonConfig config) implements Outcome {}

    record Run(DaemonConfig config) implements Outcome {}
  }

  /// @param program name in the help
  /// @param environment variables of the process
  /// @throws ConfigMistakes with everything that is wrong
  public static Outcome load(
      String program, List<String> arguments, Map<String, String> environment)
      throws ConfigMistakes {
    List<String> problems = new ArrayList<>();
    CommandLine commandLine = new CommandLine();
    Node.Table flags = Node.Table.empty("command line");
    CommandLine.Parsed parsed = commandLine.apply(arguments, flags, problems);
    if (parsed.help()) {
      return new Outcome.ShowHelp(commandLine.help(program));
    }
    if (parsed.version()) {
      return new Outcome.ShowVersion();
    }
    Node.Table tree = file(parsed.configFile(), problems);
    environment(environment, tree, problems);
    overlay(tree, flags, new ArrayList<>());
    DaemonConfig config = new ConfigReader(problems).read(tree, stepLogs(environment, problems));
    if (!problems.isEmpty()) {
      throw new ConfigMistakes(problems);
    }
    return parsed.printConfig() ? new Outcome.ShowConfig(config) : new Outcome.Run(config);
  }

  private static Node.Table file(Optional<Path> given, List<String> problems) {
    Path file = given.orElse(DEFAULT_FILE);
    try {
      return TomlFile.parse(file.toString(), Files.readString(file), problems);
    } catch (NoSuchFileException missing) {
      if (given.isPresent()) {
        problems.add("configuration file " + file + " does not exist");
      }
    } catch (IOException failed) {
      problems.add("configuration file " + file + " cannot be read: " + failed.getMessage());
    }
    return Node.Table.empty(file.toString());
  }

  private static void environment(
      Map<String, String> environment, Node.Table tree, List<String> problems) {
    Map<String, List<String>> variables =
        Map.of(
            "BUILDKITD_LOG_LEVEL",
            List.of("log", "level"),
            "BUILDKITD_DEBUGADDR",
            List.of("grpc", "debugAddress"));
    variables.forEach(
        (name, path) -> {
          String value = environment.getOrDefault(name, "");
          if (!value.isEmpty()) {
            tree.put(path, new Value(value, "environment variable " + name));
          }
        });
    String rehearsal = environment.getOrDefault("SLIPWAY_REHEARSAL", "");
    if (!rehearsal.isEmpty()) {
      TruthValue.parse(rehearsal)
          .ifPresentOrElse(
              truth ->
                  tree.put(
                      List.of("slipway", "rehearsal"),
                      new Value(truth, "environment variable SLIPWAY_REHEARSAL")),
              () ->
                  problems.add(
                      "environment variable SLIPWAY_REHEARSAL: want true or false, not \""
                          + rehearsal
                          + "\""));
    }
  }

  private static StepLogs stepLogs(Map<String, String> environment, List<String> problems) {
    return new StepLogs(
        number(environment, "BUILDKIT_STEP_LOG_MAX_SIZE", problems),
        number(environment, "BUILDKIT_STEP_LOG_MAX_SPEED", problems));
  }

  private static Optional<Long> number(
      Map<String, String> environment, String name, List<String> problems) {
    String text = environment.getOrDefault(name, "");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!text.matches("-?[0-9]{1,18}")) {
      problems.add("environment variable " + name + ": want a number, not \"" + text + "\"");
      return Optional.empty();
    }
    return Optional.of(Long.parseLong(text));
  }

  private static void overlay(Node.Table target, Node.Table source, List<String> path) {
    source
        .entries()
        .forEach(
            (key, node) -> {
              List<String> inner = new ArrayList<>(path);
              inner.add(key);
              switch (node) {
                case Node.Table table -> overlay(target, table, inner);
                case Value value -> target.put(inner, value);
                case Node.Tables _ -> throw new IllegalStateException("flags have no tables");
              }
            });
  }
}
