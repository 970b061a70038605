package dev.slipway.history;

import dev.slipway.failure.BuildFailure;
import dev.slipway.oci.Descriptor;
import dev.slipway.progress.ProgressReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// One build while it is recorded. Confined to the build's thread.
public final class BuildRecording {
  private final BuildHistory history;
  private final BuildRecord record;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, List<Attestation>> attestations = new LinkedHashMap<>();
  private final TreeMap<Long, Descriptor> exported = new TreeMap<>();

  /// A predicate about a result, not written yet.
  ///
  /// @param type of the predicate, a URL
  record Attestation(String type, byte[] predicate) {}

  /// What is to be written down.
  record Gathered(
      Map<String, String> metadata,
      Map<String, List<Attestation>> attestations,
      TreeMap<Long, Descriptor> exported,
      Optional<BuildFailure> failure) {}

  BuildRecording(BuildHistory history, BuildRecord record) {
    this.history = history;
    this.record = record;
  }

  /// What the frontend said of the result.
  public void metadata(Map<String, byte[]> ofResult) {
    ofResult.forEach((key, value) -> metadata.put(key, new String(value, StandardCharsets.UTF_8)));
  }

  /// @param platform id of the result, empty text when it has none
  /// @param type of the predicate, a URL
  /// @param predicate its JSON
  public void attested(String platform, String type, byte[] predicate) {
    attestations
        .computeIfAbsent(platform, _ -> new ArrayList<>())
        .add(new Attestation(type, predicate));
  }

  /// @param exporter position among the build's exporters
  /// @param root manifest or index in the content store
  public void exported(int exporter, Descriptor root) {
    exported.put((long) exporter, root);
  }

  /// Writes everything down and tells listeners. When the calling thread is interrupted meanwhile
  /// that goes on without it. Trouble in doing so is the daemon's, not the build's: it is logged.
  ///
  /// @param log all that the build said, ended; closed when read
  public void end(ProgressReader log, Optional<BuildFailure> failure) {
    history.end(record, log, new Gathered(metadata, attestations, exported, failure));
  }
}
