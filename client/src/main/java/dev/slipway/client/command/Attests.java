package dev.slipway.client.command;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.text.TruthValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What `--attest`, `--sbom` and `--provenance` ask for, in the form that buildx has for it.
/// Confined to one thread.
final class Attests {
  private static final Set<String> TYPES = Set.of("provenance", "sbom");

  private final Map<String, Map<String, String>> asked = new LinkedHashMap<>();

  /// @param text `type=…,key=value…`
  void add(String text) {
    Map<String, String> fields = Outputs.fields(text);
    String type = fields.remove("type");
    if (type == null) {
      throw new InvalidRequest("attestation type not specified");
    }
    if (!TYPES.contains(type)) {
      throw new InvalidRequest("unknown attestation type \"" + type + "\"");
    }
    if (asked.put(type, fields) != null) {
      throw new InvalidRequest("duplicate attestation field " + type);
    }
  }

  /// What `--sbom` and `--provenance` take: a truth value, or fields.
  void add(String type, String text) {
    Optional<Boolean> truth = text.isEmpty() ? Optional.of(true) : TruthValue.parse(text);
    if (truth.isEmpty()) {
      add("type=" + type + "," + text);
    } else {
      add("type=" + type + (truth.get() ? "" : ",disabled=true"));
    }
  }

  /// As options of the frontend; what is disabled is not asked for.
  Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    asked.forEach(
        (type, fields) -> {
          Map<String, String> others = new LinkedHashMap<>(fields);
          String disabled = others.remove("disabled");
          if (!"true".equals(disabled)) {
            options.put("attest:" + type, list(others));
          }
        });
    return options;
  }

  private static String list(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> quoted(field.getKey() + "=" + field.getValue()))
        .collect(Collectors.joining(","));
  }

  private static String quoted(String field) {
    return List.of(",", "\"", "\n").stream().anyMatch(field::contains)
        ? "\"" + field.replace("\"", "\"\"") + "\""
        : field;
  }
}
