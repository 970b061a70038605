package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.dockerfile.instruction.CsvFields;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Options that ask for statements about the result: `attest:<type>=<fields>`, or the same as a
/// build argument (BuildKit `frontend/attestations/parse.go`, v0.32.2).
public final class AttestationOptions {
  private static final String OPTION = "attest:";
  private static final String ARGUMENT = "build-arg:BUILDKIT_ATTEST_";
  private static final Set<String> TYPES = Set.of("provenance", "sbom");

  private AttestationOptions() {}

  /// What is asked for: the fields of each type.
  ///
  /// @throws DockerfileError an unknown type, or fields that cannot be read
  public static SortedMap<String, Map<String, String>> read(Map<String, String> given) {
    SortedMap<String, Map<String, String>> all = new TreeMap<>();
    given.forEach((key, value) -> type(key).ifPresent(type -> all.put(type, fields(type, value))));
    for (String type : all.keySet()) {
      if (!TYPES.contains(type)) {
        throw new DockerfileError("unknown attestation type " + GoText.quote(type));
      }
    }
    return all;
  }

  private static Optional<String> type(String key) {
    for (String prefix : new String[] {OPTION, ARGUMENT}) {
      if (key.startsWith(prefix)) {
        return Optional.of(key.substring(prefix.length()).toLowerCase(Locale.ROOT));
      }
    }
    return Optional.empty();
  }

  private static Map<String, String> fields(String type, String text) {
    Map<String, String> fields = new TreeMap<>();
    if (text.isEmpty()) {
      return fields;
    }
    try {
      for (String field : CsvFields.parse(text)) {
        int equals = field.indexOf('=');
        fields.put(
            equals < 0 ? field : field.substring(0, equals),
            equals < 0 ? "" : field.substring(equals + 1));
      }
    } catch (DockerfileError malformed) {
      throw malformed.withPrefix("failed to parse " + type + ": ");
    }
    return fields;
  }
}
