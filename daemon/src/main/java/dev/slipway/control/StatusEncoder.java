package dev.slipway.control;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.Vertex;
import dev.slipway.api.control.VertexLog;
import dev.slipway.api.control.VertexStatus;
import dev.slipway.api.control.VertexWarning;
import dev.slipway.api.ops.Position;
import dev.slipway.api.ops.Range;
import dev.slipway.api.ops.SourceInfo;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.Logged;
import dev.slipway.progress.ProgressEvent.ProgressGroup;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.progress.ProgressEvent.Warned;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Writes batches of progress as status messages (surface reference 1.4): a message carries at most
/// 1 MiB of log text, and the first message of a batch alone carries vertices, statuses and
/// warnings. Pure.
public final class StatusEncoder {
  private static final int LOG_BYTES_PER_MESSAGE = 1 << 20;

  private StatusEncoder() {}

  /// @param events in the order they shall be seen
  public static List<StatusResponse> encode(List<ProgressEvent> events) {
    List<StatusResponse> messages = new ArrayList<>();
    StatusResponse.Builder message = StatusResponse.newBuilder();
    List<VertexLog> logs = new ArrayList<>();
    for (ProgressEvent event : events) {
      switch (event) {
        case VertexChanged vertex -> message.addVertexes(vertex(vertex));
        case StatusChanged status -> message.addStatuses(status(status));
        case Logged log -> logs.add(log(log));
        case Warned warning -> message.addWarnings(warning(warning));
      }
    }
    int bytes = 0;
    for (VertexLog log : logs) {
      if (bytes > 0 && bytes + log.getMsg().size() > LOG_BYTES_PER_MESSAGE) {
        messages.add(message.build());
        message = StatusResponse.newBuilder();
        bytes = 0;
      }
      bytes += log.getMsg().size();
      message.addLogs(log);
    }
    messages.add(message.build());
    return messages;
  }

  public static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  private static Vertex vertex(VertexChanged event) {
    Vertex.Builder vertex =
        Vertex.newBuilder()
            .setDigest(event.vertex().toString())
            .setName(event.name())
            .setCached(event.cached());
    event.inputs().stream().map(Digest::toString).forEach(vertex::addInputs);
    event.started().map(StatusEncoder::timestamp).ifPresent(vertex::setStarted);
    event.completed().map(StatusEncoder::timestamp).ifPresent(vertex::setCompleted);
    event.error().ifPresent(vertex::setError);
    event.group().map(StatusEncoder::group).ifPresent(vertex::setProgressGroup);
    return vertex.build();
  }

  private static dev.slipway.api.ops.ProgressGroup group(ProgressGroup group) {
    return dev.slipway.api.ops.ProgressGroup.newBuilder()
        .setId(group.id())
        .setName(group.name())
        .setWeak(group.weak())
        .build();
  }

  private static VertexStatus status(StatusChanged event) {
    VertexStatus.Builder status =
        VertexStatus.newBuilder()
            .setID(event.id())
            .setVertex(event.vertex().toString())
            .setName(event.name())
            .setCurrent(event.current())
            .setTotal(event.total())
            .setTimestamp(timestamp(event.timestamp()));
    event.started().map(StatusEncoder::timestamp).ifPresent(status::setStarted);
    event.completed().map(StatusEncoder::timestamp).ifPresent(status::setCompleted);
    return status.build();
  }

  private static VertexLog log(Logged event) {
    return VertexLog.newBuilder()
        .setVertex(event.vertex().toString())
        .setTimestamp(timestamp(event.timestamp()))
        .setStream(event.stream().number())
        .setMsg(ByteString.copyFrom(event.data()))
        .build();
  }

  private static VertexWarning warning(Warned event) {
    VertexWarning.Builder warning =
        VertexWarning.newBuilder()
            .setVertex(event.vertex().toString())
            .setLevel(event.level())
            .setShort(ByteString.copyFromUtf8(event.summary()))
            .setUrl(event.url());
    event.detail().stream().map(ByteString::copyFromUtf8).forEach(warning::addDetail);
    event.source().ifPresent(source -> addSource(warning, source));
    return warning.build();
  }

  private static void addSource(VertexWarning.Builder warning, WarnedSource source) {
    SourceInfo.Builder info =
        SourceInfo.newBuilder()
            .setFilename(source.filename())
            .setLanguage(source.language())
            .setData(ByteString.copyFrom(source.data()));
    if (source.definition().length > 0) {
      try {
        info.setDefinition(dev.slipway.api.ops.Definition.parseFrom(source.definition()));
      } catch (com.google.protobuf.InvalidProtocolBufferException unreadable) {
        throw new IllegalStateException("a warning carries an unreadable definition", unreadable);
      }
    }
    warning.setInfo(info);
    for (SourceRange range : source.ranges()) {
      warning.addRanges(
          Range.newBuilder()
              .setStart(
                  Position.newBuilder()
                      .setLine(range.startLine())
                      .setCharacter(range.startCharacter()))
              .setEnd(
                  Position.newBuilder()
                      .setLine(range.endLine())
                      .setCharacter(range.endCharacter())));
    }
  }
}
