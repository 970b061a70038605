package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.Suggestion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The flags of one statement, checked against those its keyword knows.
final class Flags {
  private final Map<String, List<String>> values;

  private Flags(Map<String, List<String>> values) {
    this.values = values;
  }

  static Flags parse(List<String> written, Map<String, Kind> known) {
    Map<String, List<String>> values = new HashMap<>();
    for (String flag : written) {
      if (!flag.startsWith("--")) {
        throw new DockerfileError("arg should start with -- : " + flag);
      }
      int equals = flag.indexOf('=');
      String shown = equals < 0 ? flag : flag.substring(0, equals);
      String name = shown.substring(2);
      Kind kind = known.get(name);
      if (kind == null) {
        throw new DockerfileError(
            "unknown flag: " + shown + Suggestion.hint(Suggestion.nearest(name, known.keySet())));
      }
      List<String> before = values.computeIfAbsent(name, _ -> new ArrayList<>());
      if (!before.isEmpty() && kind != Kind.REPEATED) {
        throw new DockerfileError("duplicate flag specified: " + shown);
      }
      before.add(
          kind.read(
              shown, equals < 0 ? Optional.empty() : Optional.of(flag.substring(equals + 1))));
    }
    return new Flags(values);
  }

  /// The value, or empty text.
  String text(String name) {
    return values.getOrDefault(name, List.of("")).getFirst();
  }

  List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  boolean isOn(String name) {
    return text(name).equals("true");
  }

  Optional<Boolean> choice(String name) {
    return values.containsKey(name) ? Optional.of(isOn(name)) : Optional.empty();
  }

  enum Kind {
    SWITCH,
    TEXT,
    REPEATED;

    private String read(String shown, Optional<String> value) {
      if (this != SWITCH) {
        return value.orElseThrow(() -> new DockerfileError("missing a value on flag: " + shown));
      }
      if (value.isEmpty()) {
        return "true";
      }
      return switch (value.get().toLowerCase(Locale.ROOT)) {
        case "" -> throw new DockerfileError("missing a value on flag: " + shown);
        case "true" -> "true";
        case "false" -> "false";
        default ->
            throw new DockerfileError(
                "expecting boolean value for flag " + shown + ", not: " + value.get());
      };
    }
  }
}
