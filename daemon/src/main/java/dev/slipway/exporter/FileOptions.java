package dev.slipway.exporter;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.text.TruthValue;
import java.util.Map;
import java.util.Optional;

/// What the attributes of an exporter of files say (BuildKit v0.32.2, `exporter/local/fs.go`).
///
/// @param platformSplit whether each platform has its directory; absent: where there are several
/// @param statementPrefix in front of the names of files with statements
public record FileOptions(
    Mode mode, Optional<Boolean> platformSplit, String statementPrefix, Epoch epoch) {
  /// What becomes of files that are there and not in the result.
  public enum Mode {
    /// They stay.
    COPY,
    /// They go.
    DELETE
  }

  /// @throws InvalidRequest an attribute's value is wrong
  public static FileOptions of(Map<String, String> attributes) {
    return new FileOptions(
        mode(attributes.getOrDefault("mode", "")),
        Optional.ofNullable(attributes.get("platform-split")).map(FileOptions::split),
        attributes.getOrDefault("attestation-prefix", ""),
        Epoch.of(attributes));
  }

  private static Mode mode(String text) {
    return switch (text) {
      case "", "copy" -> Mode.COPY;
      case "delete" -> Mode.DELETE;
      default ->
          throw new InvalidRequest(
              "invalid local exporter mode \"" + text + "\": want copy or delete");
    };
  }

  private static boolean split(String text) {
    return TruthValue.parse(text)
        .orElseThrow(() -> new InvalidRequest("non-bool value for platform-split: " + text));
  }
}
