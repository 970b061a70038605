package dev.slipway.history;

import dev.slipway.oci.Descriptor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is known of one build.
///
/// @param ref the build's id, chosen by its client
/// @param outcome empty while it runs
/// @param trace spans of the build and its steps, once it ended
/// @param generation counts the changes made after the end
/// @param pinned kept whatever its age
public record BuildRecord(
    String ref,
    Asked asked,
    Instant createdAt,
    Optional<Outcome> outcome,
    Optional<Descriptor> trace,
    int generation,
    boolean pinned) {

  /// What the client wanted.
  ///
  /// @param frontend empty text when the client itself drove the build
  /// @param options of the frontend
  public record Asked(String frontend, Map<String, String> options, List<Export> exports) {
    public Asked {
      options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
      exports = List.copyOf(exports);
    }
  }

  /// One export that was asked for; `image` with its attributes.
  public record Export(String type, Map<String, String> attributes) {
    public Export {
      attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }
  }

  /// How it ended.
  ///
  /// @param failure empty when it succeeded
  /// @param log what the build said, see [BuildHistory#log]
  /// @param metadata of the frontend's result
  /// @param attestations by platform id; empty text for a result without platform
  /// @param exported roots of what exporters made, by the exporter's position
  public record Outcome(
      Instant completedAt,
      Optional<Failure> failure,
      Descriptor log,
      Steps steps,
      Map<String, String> metadata,
      Map<String, List<Descriptor>> attestations,
      SortedMap<Long, Descriptor> exported) {
    public Outcome {
      metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
      attestations = Collections.unmodifiableMap(new LinkedHashMap<>(attestations));
      exported = Collections.unmodifiableSortedMap(new TreeMap<>(exported));
    }
  }

  /// @param code of the gRPC status
  /// @param status the whole status with its details, as a blob
  public record Failure(int code, String message, Descriptor status) {}

  /// @param total vertices that were shown at all
  public record Steps(int total, int completed, int cached, int warnings) {}

  /// Blobs that are this record's own: not the trees of what was exported.
  List<Descriptor> ownBlobs() {
    List<Descriptor> all = new ArrayList<>();
    outcome.ifPresent(
        ended -> {
          all.add(ended.log());
          ended.failure().map(Failure::status).ifPresent(all::add);
          ended.attestations().values().forEach(all::addAll);
        });
    trace.ifPresent(all::add);
    return all;
  }

  /// How long it took; nothing while it runs.
  Duration duration() {
    return outcome
        .map(ended -> Duration.between(createdAt, ended.completedAt()))
        .orElse(Duration.ZERO);
  }

  BuildRecord ended(Outcome how, Descriptor spans) {
    return new BuildRecord(
        ref, asked, createdAt, Optional.of(how), Optional.of(spans), generation, pinned);
  }

  BuildRecord withPinned(boolean now) {
    return new BuildRecord(ref, asked, createdAt, outcome, trace, generation + 1, now);
  }
}
