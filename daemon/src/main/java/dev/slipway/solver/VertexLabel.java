package dev.slipway.solver;

import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.Logged;
import dev.slipway.progress.ProgressEvent.ProgressGroup;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.progress.ProgressEvent.Warned;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How one job knows a vertex. Jobs that share the work may call it by other names, and a vertex
/// that was merged into another goes on under its own digest.
record VertexLabel(Digest digest, List<Digest> inputs, String name, Optional<ProgressGroup> group) {
  static VertexLabel of(Vertex<?> vertex) {
    return new VertexLabel(
        vertex.digest(),
        vertex.inputs().stream().map(edge -> edge.vertex().digest()).distinct().toList(),
        vertex.options().name(),
        vertex.options().group());
  }

  VertexChanged announced(Instant now) {
    return new VertexChanged(
        digest,
        inputs,
        name,
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        group,
        now);
  }

  /// The same event, as it looks under this label.
  ProgressEvent relabel(ProgressEvent event) {
    return switch (event) {
      case VertexChanged change ->
          new VertexChanged(
              digest,
              inputs,
              name,
              change.started(),
              change.completed(),
              change.cached(),
              change.error(),
              group,
              change.timestamp());
      case StatusChanged status ->
          new StatusChanged(
              status.id(),
              digest,
              status.name(),
              status.current(),
              status.total(),
              status.timestamp(),
              status.started(),
              status.completed());
      case Logged log -> new Logged(digest, log.stream(), log.data(), log.timestamp());
      case Warned warning ->
          new Warned(
              digest,
              warning.level(),
              warning.summary(),
              warning.detail(),
              warning.url(),
              warning.source(),
              warning.timestamp());
    };
  }
}
