package dev.slipway.history;

import dev.slipway.content.Ingest;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.GoJson;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Spans of a build: one for the whole and, below it, one for each time a vertex ran. Confined to
/// its owner.
///
/// The form is BuildKit's (`solver/llbsolver/history.go`, v0.32.2): one JSON object after another,
/// each as Go writes OpenTelemetry's `tracetest.SpanStub`. Ids are derived from the build's ref, so
/// that the same build always has the same trace.
final class StepTrace {
  static final MediaType TYPE = new MediaType("application/vnd.buildkit.otlp.json.v0");

  private static final int INTERNAL_SPAN = 1;
  private static final int SERVER_SPAN = 2;
  private static final String NO_SPAN = "0000000000000000";
  private static final String NO_TRACE = NO_SPAN + NO_SPAN;
  private static final Map<String, Object> SCOPE = scope();

  private final String ref;
  private final Map<Run, VertexChanged> runs = new LinkedHashMap<>();

  private record Run(Digest vertex, Instant started) {}

  /// A stretch of time with a name.
  private record Span(
      String id, String parent, int kind, String name, Instant start, Instant end) {}

  StepTrace(String ref) {
    this.ref = ref;
  }

  void add(ProgressEvent event) {
    if (event instanceof VertexChanged change
        && change.started().isPresent()
        && change.completed().isPresent()) {
      runs.put(new Run(change.vertex(), change.started().get()), change);
    }
  }

  /// Writes the build's span and those of its vertices in the order in which they ended.
  ///
  /// @param error what the build failed with
  void writeTo(Ingest ingest, Instant start, Instant end, Optional<String> error) {
    String whole = id("build", NO_SPAN.length());
    Span build =
        new Span(whole, NO_SPAN, SERVER_SPAN, "moby.buildkit.v1.Control/Solve", start, end);
    write(ingest, build, List.of(attribute("ref", "STRING", ref)), runs.size(), error);
    runs.forEach(
        (run, vertex) ->
            write(
                ingest,
                new Span(
                    id(run.vertex() + " " + run.started(), NO_SPAN.length()),
                    whole,
                    INTERNAL_SPAN,
                    vertex.name(),
                    run.started(),
                    vertex.completed().orElse(end)),
                List.of(
                    attribute("vertex", "STRING", run.vertex().toString()),
                    attribute("cached", "BOOL", vertex.cached())),
                0,
                vertex.error()));
  }

  private void write(
      Ingest ingest,
      Span span,
      List<Map<String, Object>> attributes,
      int children,
      Optional<String> error) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("Name", span.name());
    json.put("SpanContext", context(id("trace", NO_TRACE.length()), span.id(), "01"));
    json.put(
        "Parent",
        span.parent().equals(NO_SPAN)
            ? context(NO_TRACE, NO_SPAN, "00")
            : context(id("trace", NO_TRACE.length()), span.parent(), "01"));
    json.put("SpanKind", span.kind());
    json.put("StartTime", span.start().toString());
    json.put("EndTime", span.end().toString());
    json.put("Attributes", attributes);
    json.put("Events", List.of());
    json.put("Links", List.of());
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("Code", error.isPresent() ? "Error" : "Unset");
    status.put("Description", error.orElse(""));
    json.put("Status", status);
    json.put("DroppedAttributes", 0);
    json.put("DroppedEvents", 0);
    json.put("DroppedLinks", 0);
    json.put("ChildSpanCount", children);
    json.put("Resource", List.of(attribute("service.name", "STRING", "buildkitd")));
    json.put("InstrumentationScope", SCOPE);
    json.put("InstrumentationLibrary", SCOPE);
    ingest.write(ByteBuffer.wrap(GoJson.indented(json)));
    ingest.write(ByteBuffer.wrap(new byte[] {'\n'}));
  }

  private static Map<String, Object> scope() {
    Map<String, Object> scope = new LinkedHashMap<>();
    scope.put("Name", "");
    scope.put("Version", "");
    scope.put("SchemaURL", "");
    scope.put("Attributes", List.of());
    return scope;
  }

  private static Map<String, Object> context(String trace, String span, String flags) {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("TraceID", trace);
    context.put("SpanID", span);
    context.put("TraceFlags", flags);
    context.put("TraceState", "");
    context.put("Remote", false);
    return context;
  }

  private static Map<String, Object> attribute(String key, String type, Object value) {
    Map<String, Object> typed = new LinkedHashMap<>();
    typed.put("Type", type);
    typed.put("Value", value);
    Map<String, Object> attribute = new LinkedHashMap<>();
    attribute.put("Key", key);
    attribute.put("Value", typed);
    return attribute;
  }

  private String id(String what, int length) {
    return Digest.ofText(ref + " " + what).hex().substring(0, length);
  }
}
