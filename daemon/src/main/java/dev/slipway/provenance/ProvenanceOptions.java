package dev.slipway.provenance;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.text.TruthValue;
import java.util.Map;

/// How provenance is asked for: `attest:provenance=mode=max,version=v0.2,…`.
///
/// @param file name where results are files
/// @param inlineOnly for stored images only
/// @param completeMaterials fail the build when not every source can be told
/// @param captureUsage tell what steps and the machine used
public record ProvenanceOptions(
    Mode mode,
    Version version,
    String builderId,
    String file,
    boolean reproducible,
    boolean inlineOnly,
    boolean completeMaterials,
    boolean captureUsage) {
  public enum Mode {
    /// Nothing that may be confidential: no arguments, labels, secrets, steps.
    MIN,
    MAX
  }

  public enum Version {
    V0_2("https://slsa.dev/provenance/v0.2"),
    V1("https://slsa.dev/provenance/v1");

    private final String predicateType;

    Version(String predicateType) {
      this.predicateType = predicateType;
    }

    public String predicateType() {
      return predicateType;
    }
  }

  /// @throws InvalidRequest a value makes no sense; unknown keys are passed over
  public static ProvenanceOptions of(Map<String, String> fields) {
    return new ProvenanceOptions(
        mode(fields.getOrDefault("mode", "max")),
        version(fields.getOrDefault("version", "v1")),
        fields.getOrDefault("builder-id", ""),
        fields.getOrDefault("filename", "provenance.json"),
        flag(fields, "reproducible"),
        "true".equals(fields.get("inline-only"))
            || "1".equals(fields.get("inline-only"))
            || "t".equals(fields.get("inline-only")),
        flag(fields, "complete-materials"),
        TruthValue.parse(fields.getOrDefault("capture-usage", "")).orElse(false));
  }

  /// What the history keeps of every build.
  public static ProvenanceOptions ofHistory(String builderId) {
    return new ProvenanceOptions(
        Mode.MAX, Version.V1, builderId, "provenance.json", false, false, false, true);
  }

  private static Mode mode(String text) {
    return switch (text) {
      case "min" -> Mode.MIN;
      case "max", "full" -> Mode.MAX;
      default -> throw new InvalidRequest("invalid mode \"" + text + "\"");
    };
  }

  private static Version version(String text) {
    return switch (text) {
      case "v1" -> Version.V1;
      case "v0.2" -> Version.V0_2;
      case "" -> throw new InvalidRequest("provenance SLSA version cannot be empty");
      default -> throw new InvalidRequest("invalid provenance SLSA version: " + text);
    };
  }

  private static boolean flag(Map<String, String> fields, String key) {
    String text = fields.getOrDefault(key, "false");
    return TruthValue.parse(text)
        .orElseThrow(() -> new InvalidRequest("failed to parse " + key + " flag \"" + text + "\""));
  }
}
