package dev.slipway.llbsolver;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.provenance.ProvenanceOptions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The attestations that a build's options ask for: `attest:<type>=<fields>`, or the same as a
/// build argument (BuildKit `frontend/attestations/parse.go`, v0.32.2).
///
/// @param builderId what the user calls this builder, even where no provenance is asked for
record AttestationRequest(Optional<ProvenanceOptions> provenance, String builderId) {
  private static final String OPTION = "attest:";
  private static final String ARGUMENT = "build-arg:BUILDKIT_ATTEST_";

  /// @throws InvalidRequest an unknown type, or a value that makes no sense
  static AttestationRequest of(Map<String, String> options) {
    Optional<ProvenanceOptions> provenance = Optional.empty();
    String builderId = "";
    for (Map.Entry<String, String> option : options.entrySet()) {
      Optional<String> type = type(option.getKey());
      if (type.isPresent()) {
        Map<String, String> fields = fields(option.getValue());
        switch (type.get()) {
          case "provenance" -> {
            provenance = Optional.of(ProvenanceOptions.of(fields));
            builderId = provenance.get().builderId();
          }
          case "sbom" -> {}
          default -> throw new InvalidRequest("unknown attestation type \"" + type.get() + "\"");
        }
      }
    }
    return new AttestationRequest(provenance, builderId);
  }

  private static Optional<String> type(String key) {
    for (String prefix : new String[] {OPTION, ARGUMENT}) {
      if (key.startsWith(prefix)) {
        return Optional.of(key.substring(prefix.length()).toLowerCase(Locale.ROOT));
      }
    }
    return Optional.empty();
  }

  private static Map<String, String> fields(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      String bare =
          field.length() > 1 && field.startsWith("\"") && field.endsWith("\"")
              ? field.substring(1, field.length() - 1)
              : field;
      int equals = bare.indexOf('=');
      fields.put(
          equals < 0 ? bare : bare.substring(0, equals),
          equals < 0 ? "" : bare.substring(equals + 1));
    }
    return fields;
  }
}
