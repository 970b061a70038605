package dev.slipway.client.command;

import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Arguments of a command, read by its table of flags: `--name value`, `--name=value`, `-n value`,
/// `--switch`, and the rest. Read by hand, as a library for it would take longer to load than most
/// commands take to run. Immutable.
final class Flags {
  private final Map<String, List<String>> values;
  private final List<String> rest;

  private Flags(Map<String, List<String>> values, List<String> rest) {
    this.values = values;
    this.rest = List.copyOf(rest);
  }

  /// What a command takes.
  ///
  /// @param values long names of flags with a value
  /// @param switches long names of flags without
  /// @param letters short names, each for a long one
  record Table(List<String> values, List<String> switches, Map<String, String> letters) {
    Table {
      values = List.copyOf(values);
      switches = List.copyOf(switches);
      letters = Map.copyOf(letters);
    }
  }

  /// @throws InvalidRequest an unknown flag, or one without its value
  static Flags parse(List<String> arguments, Table table) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    List<String> rest = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals("--")) {
        rest.addAll(arguments.subList(i + 1, arguments.size()));
        break;
      }
      if (!argument.startsWith("-") || argument.equals("-")) {
        rest.add(argument);
        continue;
      }
      int equals = argument.indexOf('=');
      String given = equals < 0 ? argument : argument.substring(0, equals);
      String name = name(given, table);
      Optional<String> attached =
          equals < 0 ? Optional.empty() : Optional.of(argument.substring(equals + 1));
      if (table.switches().contains(name)) {
        values.computeIfAbsent(name, _ -> new ArrayList<>()).add(attached.orElse("true"));
      } else if (attached.isPresent()) {
        values.computeIfAbsent(name, _ -> new ArrayList<>()).add(attached.get());
      } else if (++i < arguments.size()) {
        values.computeIfAbsent(name, _ -> new ArrayList<>()).add(arguments.get(i));
      } else {
        throw new InvalidRequest("flag needs an argument: " + given);
      }
    }
    return new Flags(values, rest);
  }

  private static String name(String given, Table table) {
    if (given.startsWith("--")) {
      String name = given.substring(2);
      if (table.values().contains(name) || table.switches().contains(name)) {
        return name;
      }
    } else {
      String name = table.letters().get(given.substring(1));
      if (name != null) {
        return name;
      }
    }
    throw new InvalidRequest("unknown flag: " + given);
  }

  List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  /// The last one given.
  Optional<String> last(String name) {
    List<String> given = all(name);
    return given.isEmpty() ? Optional.empty() : Optional.of(given.getLast());
  }

  boolean on(String name) {
    return last(name).filter(value -> !value.equals("false")).isPresent();
  }

  List<String> rest() {
    return rest;
  }
}
