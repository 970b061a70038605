package dev.slipway.client.progress;

import com.google.protobuf.Timestamp;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.Vertex;
import dev.slipway.api.control.VertexLog;
import dev.slipway.api.control.VertexStatus;
import dev.slipway.api.control.VertexWarning;
import java.io.PrintStream;
import java.util.Base64;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Progress as one JSON object a line, with the keys BuildKit's clients use (surface reference
/// 10.3).
public final class RawJsonDisplay implements ProgressDisplay {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;

  public RawJsonDisplay(PrintStream out) {
    this.out = out;
  }

  @Override
  public void show(StatusResponse update) {
    ObjectNode line = JSON.createObjectNode();
    if (update.getVertexesCount() > 0) {
      ArrayNode vertices = line.putArray("vertexes");
      update.getVertexesList().forEach(vertex -> vertices.add(vertex(vertex)));
    }
    if (update.getStatusesCount() > 0) {
      ArrayNode statuses = line.putArray("statuses");
      update.getStatusesList().forEach(status -> statuses.add(status(status)));
    }
    if (update.getLogsCount() > 0) {
      ArrayNode logs = line.putArray("logs");
      update.getLogsList().forEach(log -> logs.add(log(log)));
    }
    if (update.getWarningsCount() > 0) {
      ArrayNode warnings = line.putArray("warnings");
      update.getWarningsList().forEach(warning -> warnings.add(warning(warning)));
    }
    if (!line.isEmpty()) {
      out.println(line);
      out.flush();
    }
  }

  private static ObjectNode vertex(Vertex vertex) {
    ObjectNode node = JSON.createObjectNode().put("digest", vertex.getDigest());
    if (vertex.getInputsCount() > 0) {
      ArrayNode inputs = node.putArray("inputs");
      vertex.getInputsList().forEach(inputs::add);
    }
    node.put("name", vertex.getName());
    if (vertex.hasStarted()) {
      node.put("started", time(vertex.getStarted()));
    }
    if (vertex.hasCompleted()) {
      node.put("completed", time(vertex.getCompleted()));
    }
    if (vertex.getCached()) {
      node.put("cached", true);
    }
    if (!vertex.getError().isEmpty()) {
      node.put("error", vertex.getError());
    }
    return node;
  }

  private static ObjectNode status(VertexStatus status) {
    ObjectNode node =
        JSON.createObjectNode().put("id", status.getID()).put("vertex", status.getVertex());
    if (!status.getName().isEmpty()) {
      node.put("name", status.getName());
    }
    if (status.getTotal() != 0) {
      node.put("total", status.getTotal());
    }
    node.put("current", status.getCurrent()).put("timestamp", time(status.getTimestamp()));
    if (status.hasStarted()) {
      node.put("started", time(status.getStarted()));
    }
    if (status.hasCompleted()) {
      node.put("completed", time(status.getCompleted()));
    }
    return node;
  }

  private static ObjectNode log(VertexLog log) {
    return JSON.createObjectNode()
        .put("vertex", log.getVertex())
        .put("stream", log.getStream())
        .put("data", Base64.getEncoder().encodeToString(log.getMsg().toByteArray()))
        .put("timestamp", time(log.getTimestamp()));
  }

  private static ObjectNode warning(VertexWarning warning) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("vertex", warning.getVertex())
            .put("level", warning.getLevel())
            .put("short", Base64.getEncoder().encodeToString(warning.getShort().toByteArray()));
    if (!warning.getUrl().isEmpty()) {
      node.put("url", warning.getUrl());
    }
    return node;
  }

  private static String time(Timestamp timestamp) {
    return Step.instant(timestamp).toString();
  }

  @Override
  public void close() {
    out.flush();
  }
}
