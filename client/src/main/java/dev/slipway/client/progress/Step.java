package dev.slipway.client.progress;

import com.google.protobuf.Timestamp;
import dev.slipway.api.control.Vertex;
import dev.slipway.api.control.VertexStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// What is known of one vertex, as shown. Confined to its display.
final class Step {
  final int number;
  final SequencedMap<String, VertexStatus> items = new LinkedHashMap<>();
  private Vertex latest;

  Step(int number, Vertex first) {
    this.number = number;
    this.latest = first;
  }

  void update(Vertex vertex) {
    latest = vertex;
  }

  String name() {
    return latest.getName();
  }

  boolean started() {
    return latest.hasStarted();
  }

  boolean completed() {
    return latest.hasCompleted();
  }

  boolean cached() {
    return latest.getCached();
  }

  /// Work that clients do not count among the steps of the Dockerfile.
  boolean internal() {
    return name().startsWith("[internal]");
  }

  Optional<String> error() {
    return Optional.of(latest.getError()).filter(text -> !text.isEmpty());
  }

  boolean cancelled() {
    return error().filter(text -> text.endsWith("context canceled")).isPresent();
  }

  Instant startedAt() {
    return instant(latest.getStarted());
  }

  /// From its start to its end, or to now.
  Duration took(Instant now) {
    return started()
        ? Duration.between(startedAt(), completed() ? instant(latest.getCompleted()) : now)
        : Duration.ZERO;
  }

  static Instant instant(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }
}
