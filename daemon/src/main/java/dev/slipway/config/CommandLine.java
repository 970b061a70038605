package dev.slipway.config;

import dev.slipway.config.Node.Value;
import dev.slipway.text.TruthValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The daemon's command line: buildkitd's flags, each standing for a key of the configuration.
/// Parsed by hand, since the daemon's start is not the place for reflection.
///
/// Flags are written `--name value`, `--name=value` or with one dash; switches need no value. A
/// flag that may be repeated collects.
final class CommandLine {
  private final Map<String, Flag> flags = new LinkedHashMap<>();

  CommandLine() {
    FlagTable.all().forEach(flag -> flags.put(flag.name(), flag));
  }

  /// @param key where its value goes, with dots; empty for the few that are no settings
  /// @param argument shown in the help
  record Flag(String name, Kind kind, String key, String argument, String help) {}

  enum Kind {
    TEXT,
    SWITCH,
    NUMBER,
    /// `auto` leaves the setting alone.
    SWITCH_OR_AUTO,
    LIST,
    /// `name=value`, repeated.
    LABELS,
    /// `Reserved[,Free[,Maximum]]` in MB.
    KEEP_STORAGE,
    /// BuildKit knows it; it means nothing here.
    TEXT_WITHOUT_EFFECT,
    SWITCH_WITHOUT_EFFECT
  }

  /// What was asked for.
  ///
  /// @param configFile given explicitly
  record Parsed(boolean help, boolean version, boolean printConfig, Optional<Path> configFile) {}

  /// Writes what the arguments say over the tree.
  ///
  /// @param problems receives what is wrong
  Parsed apply(List<String> arguments, Node.Table tree, List<String> problems) {
    boolean help = false;
    boolean version = false;
    boolean printConfig = false;
    Optional<Path> file = Optional.empty();
    Map<String, List<Object>> lists = new LinkedHashMap<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!argument.startsWith("-") || argument.equals("-")) {
        problems.add("unexpected argument " + argument + ": the daemon takes flags only");
        continue;
      }
      String given = argument.startsWith("--") ? argument.substring(2) : argument.substring(1);
      int equals = given.indexOf('=');
      String name = equals < 0 ? given : given.substring(0, equals);
      Optional<String> value =
          equals < 0 ? Optional.empty() : Optional.of(given.substring(equals + 1));
      switch (name) {
        case "help", "h" -> help = true;
        case "version", "v" -> version = true;
        case "print-config" -> printConfig = true;
        default -> {
          Flag flag = flags.get(name);
          if (flag == null) {
            String near =
                Suggestion.nearest(name, flags.keySet())
                    .map(known -> "; did you mean --" + known + "?")
                    .orElse("");
            problems.add("flag provided but not defined: --" + name + near);
            continue;
          }
          boolean takesNext = value.isEmpty() && !isSwitch(flag.kind());
          if (takesNext && i + 1 == arguments.size()) {
            problems.add("flag needs an argument: --" + name);
            continue;
          }
          String text = takesNext ? arguments.get(++i) : value.orElse("true");
          if (flag.name().equals("config")) {
            file = Optional.of(Path.of(text));
          } else {
            set(flag, text, new Target(tree, lists, problems));
          }
        }
      }
    }
    return new Parsed(help, version, printConfig, file);
  }

  private record Target(Node.Table tree, Map<String, List<Object>> lists, List<String> problems) {
    void put(Flag flag, Object value) {
      put(List.of(flag.key().split("\\.")), flag, value);
    }

    void put(List<String> path, Flag flag, Object value) {
      tree.put(path, new Value(value, "flag --" + flag.name()));
    }

    void wrong(Flag flag, String reason) {
      problems.add("flag --" + flag.name() + ": " + reason);
    }
  }

  private static boolean isSwitch(Kind kind) {
    return kind == Kind.SWITCH || kind == Kind.SWITCH_WITHOUT_EFFECT;
  }

  private static void set(Flag flag, String text, Target target) {
    switch (flag.kind()) {
      case TEXT -> target.put(flag, text);
      case SWITCH ->
          TruthValue.parse(text)
              .ifPresentOrElse(
                  on -> target.put(flag, on), () -> target.wrong(flag, "want true or false"));
      case SWITCH_OR_AUTO -> {
        if (!text.equals("auto")) {
          TruthValue.parse(text)
              .ifPresentOrElse(
                  on -> target.put(flag, on), () -> target.wrong(flag, "want true, false or auto"));
        }
      }
      case NUMBER -> {
        if (text.matches("[0-9]{1,9}")) {
          target.put(flag, Long.parseLong(text));
        } else {
          target.wrong(flag, "want a number, not \"" + text + "\"");
        }
      }
      case LIST -> {
        List<Object> list = target.lists().computeIfAbsent(flag.key(), _ -> new ArrayList<>());
        list.add(text);
        target.put(flag, List.copyOf(list));
      }
      case LABELS -> label(flag, text, target);
      case KEEP_STORAGE -> keepStorage(flag, text, target);
      case TEXT_WITHOUT_EFFECT, SWITCH_WITHOUT_EFFECT -> {
        return;
      }
    }
  }

  private static void label(Flag flag, String text, Target target) {
    int equals = text.indexOf('=');
    if (equals <= 0) {
      target.wrong(flag, "want name=value, not \"" + text + "\"");
      return;
    }
    List<String> path = new ArrayList<>(List.of(flag.key().split("\\.")));
    path.add(text.substring(0, equals));
    target.put(path, flag, text.substring(equals + 1));
  }

  private static void keepStorage(Flag flag, String text, Target target) {
    List<String> keys = List.of("reservedSpace", "minFreeSpace", "maxUsedSpace");
    String[] parts = text.split(",", -1);
    if (parts.length > keys.size()) {
      target.wrong(flag, "want Reserved[,Free[,Maximum]]");
      return;
    }
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i].strip();
      if (part.matches("[0-9]{1,12}")) {
        target.put(List.of("worker", "oci", keys.get(i)), flag, Long.parseLong(part) * 1_000_000);
      } else if (part.matches("[0-9]{1,3}%")) {
        target.put(List.of("worker", "oci", keys.get(i)), flag, part);
      } else if (!part.isEmpty()) {
        target.wrong(flag, "want megabytes or a share like 10%, not \"" + part + "\"");
      }
    }
  }

  /// The text of `--help`.
  String help(String program) {
    String lines =
        flags.values().stream()
            .filter(flag -> !flag.help().isEmpty())
            .map(
                flag ->
                    String.format(
                        "  %-40s %s",
                        ("--" + flag.name() + " " + flag.argument()).strip(), flag.help()))
            .collect(Collectors.joining("\n"));
    return "Usage: "
        + program
        + " [flags]\n\nThe build daemon.\n\nFlags:\n"
        + lines
        + "\n"
        + String.format(
            "  %-40s %s%n", "--print-config", "print the configuration in force and exit")
        + String.format("  %-40s %s%n", "--help, -h", "show this and exit")
        + String.format("  %-40s %s%n", "--version, -v", "print the version and exit");
  }
}
