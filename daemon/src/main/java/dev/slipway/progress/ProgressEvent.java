package dev.slipway.progress;

import dev.slipway.oci.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One thing that happened to a vertex.
public sealed interface ProgressEvent {
  Digest vertex();

  /// When it happened; orders events within one message.
  Instant timestamp();

  /// The state of a vertex: announced (neither time), started, or completed. A vertex may start
  /// again later.
  ///
  /// @param inputs digests of the vertices it depends on
  /// @param cached the result came from the cache, or the vertex was not needed because a later one
  ///   did
  record VertexChanged(
      Digest vertex,
      List<Digest> inputs,
      String name,
      Optional<Instant> started,
      Optional<Instant> completed,
      boolean cached,
      Optional<String> error,
      Optional<ProgressGroup> group,
      Instant timestamp)
      implements ProgressEvent {}

  /// Progress of one item of a vertex, such as a layer being pulled.
  ///
  /// @param id names the item within the vertex; the latest event of an id wins
  /// @param current units done, usually bytes
  /// @param total units in all, 0 when unknown
  record StatusChanged(
      String id,
      Digest vertex,
      String name,
      long current,
      long total,
      Instant timestamp,
      Optional<Instant> started,
      Optional<Instant> completed)
      implements ProgressEvent {}

  /// Output of a step, as it came; not aligned to lines. The array is not changed after the event
  /// was made.
  record Logged(Digest vertex, LogStream stream, byte[] data, Instant timestamp)
      implements ProgressEvent {}

  /// Advice about the source, such as a lint rule's.
  ///
  /// @param level 1 for lint rules
  record Warned(
      Digest vertex,
      int level,
      String summary,
      List<String> detail,
      String url,
      Optional<WarnedSource> source,
      Instant timestamp)
      implements ProgressEvent {}

  /// Where in a source file a warning points.
  record WarnedSource(
      String filename,
      String language,
      byte[] data,
      byte[] definition,
      List<dev.slipway.failure.Fact.SourceRange> ranges) {}

  enum LogStream {
    STDOUT,
    STDERR;

    /// The number on the wire: 1 or 2.
    public int number() {
      return ordinal() + 1;
    }
  }

  /// Vertices that clients fold into one line.
  ///
  /// @param weak not shown when all its vertices belong to other groups too
  record ProgressGroup(String id, String name, boolean weak) {}
}
