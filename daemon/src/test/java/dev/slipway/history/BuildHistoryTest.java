package dev.slipway.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.ProcessFailed;
import dev.slipway.history.BuildRecord.Asked;
import dev.slipway.history.BuildRecord.Outcome;
import dev.slipway.history.HistoryEvent.Completed;
import dev.slipway.history.HistoryEvent.Deleted;
import dev.slipway.history.HistoryEvent.Started;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.progress.ProgressEvent.Warned;
import dev.slipway.progress.ProgressReader;
import dev.slipway.task.Clock;
import dev.slipway.task.Interruption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

final class BuildHistoryTest {
  private static final Asked ASKED =
      new Asked(
          "dockerfile.v0",
          Map.of("filename", "Dockerfile", "vcs:source", "https://example.com/a.git"),
          List.of(new BuildRecord.Export("image", Map.of("name", "a/b"))));

  @TempDir Path directory;
  private final InMemoryContentStore content = new InMemoryContentStore();
  private final SettableClock clock = new SettableClock();
  private MetadataDatabase database;
  private BuildHistory history;

  @BeforeEach
  void open() {
    database = MetadataDatabase.open(directory.resolve("m.db"), List.of(BuildHistory.schema()));
    history = openHistory(new Retention(Duration.ofHours(48), 50));
  }

  @AfterEach
  void close() {
    history.close();
    database.close();
  }

  private BuildHistory openHistory(Retention retention) {
    return BuildHistory.open(
        new BuildHistory.Ground(
            database,
            content,
            blobs -> blobs.forEach(content::delete),
            events ->
                events.stream()
                    .map(event -> event.vertex().toString().getBytes(StandardCharsets.UTF_8))
                    .toList(),
            clock),
        retention);
  }

  @Test
  void recordsWhatABuildSaidMadeAndFailedWith() {
    Digest step = Digest.ofText("step");
    Digest cached = Digest.ofText("cached");
    Digest config = content.put("config".getBytes(StandardCharsets.UTF_8));
    Digest layer = content.put("layer".getBytes(StandardCharsets.UTF_8));
    byte[] manifest = manifest(config, layer);
    Descriptor root =
        new Descriptor(MediaType.OCI_MANIFEST, content.put(manifest), manifest.length);

    BuildRecording recording = history.start("one", ASKED);
    recording.metadata(Map.of("k", "v".getBytes(StandardCharsets.UTF_8)));
    recording.exported(0, root);
    recording.attested(
        "linux/amd64", "https://slsa.dev/provenance/v1", "{}".getBytes(StandardCharsets.UTF_8));
    recording.end(
        said(
            vertex(step, false, false),
            vertex(step, true, false),
            vertex(cached, true, true),
            warning(step)),
        Optional.of(new ProcessFailed("it broke", 1)));

    BuildRecord record = ended("one");
    Outcome outcome = record.outcome().orElseThrow();
    assertThat(record.asked()).isEqualTo(ASKED);
    assertThat(outcome.steps()).isEqualTo(new BuildRecord.Steps(2, 2, 1, 1));
    assertThat(outcome.metadata()).containsExactly(Map.entry("k", "v"));
    assertThat(outcome.exported()).containsExactly(Map.entry(0L, root));
    assertThat(outcome.failure().orElseThrow().message()).isEqualTo("it broke");
    assertThat(outcome.attestations().get("linux/amd64"))
        .singleElement()
        .satisfies(
            blob ->
                assertThat(blob.annotations())
                    .containsEntry("in-toto.io/predicate-type", "https://slsa.dev/provenance/v1"));
    assertThat(messages("one")).hasSize(4).startsWith(step.toString());
    assertThat(history.holds(root.digest())).isTrue();
    assertThat(history.holds(config)).isTrue();
    assertThat(history.holds(layer)).isFalse();
    assertThat(history.holds(outcome.log().digest())).isTrue();
  }

  @Test
  void keepsASpanForTheBuildAndForEachStepThatRan() throws IOException {
    Digest step = Digest.ofText("step");
    BuildRecording recording = history.start("one", ASKED);

    recording.end(
        said(
            vertex(Digest.ofText("never ended"), false, false),
            vertex(step, false, false),
            vertex(step, true, true)),
        Optional.of(new ProcessFailed("it broke", 1)));

    Descriptor trace = ended("one").trace().orElseThrow();
    assertThat(trace.mediaType().toString()).isEqualTo("application/vnd.buildkit.otlp.json.v0");
    assertThat(history.holds(trace.digest())).isTrue();
    List<JsonNode> spans = spans(trace);
    assertThat(spans)
        .extracting(span -> span.path("Name").asString())
        .containsExactly("moby.buildkit.v1.Control/Solve", "step");
    JsonNode build = spans.getFirst();
    JsonNode ran = spans.getLast();
    assertThat(build.path("Status").toString())
        .isEqualTo("{\"Code\":\"Error\",\"Description\":\"it broke\"}");
    assertThat(build.path("StartTime").asString()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(build.path("Parent").path("SpanID").asString()).isEqualTo("0000000000000000");
    assertThat(ran.path("Parent")).isEqualTo(build.path("SpanContext"));
    assertThat(ran.path("EndTime").asString()).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(ran.path("Attributes").toString())
        .isEqualTo(
            "[{\"Key\":\"vertex\",\"Value\":{\"Type\":\"STRING\",\"Value\":\""
                + step
                + "\"}},{\"Key\":\"cached\",\"Value\":{\"Type\":\"BOOL\",\"Value\":true}}]");
  }

  private List<JsonNode> spans(Descriptor trace) throws IOException {
    JsonMapper json = JsonMapper.builder().build();
    try (InputStream blob = Channels.newInputStream(content.open(trace.digest()));
        MappingIterator<JsonNode> values = json.readerFor(JsonNode.class).readValues(blob)) {
      return values.readAll();
    }
  }

  @Test
  void remembersAcrossARestart() {
    record("one");
    history.pin("one", true);
    BuildRecord before = ended("one");

    history.close();
    history = openHistory(new Retention(Duration.ofHours(48), 50));

    assertThat(ended("one")).isEqualTo(before);
    assertThat(before.pinned()).isTrue();
    assertThat(before.generation()).isEqualTo(1);
    assertThat(history.holds(before.outcome().orElseThrow().log().digest())).isTrue();
  }

  @Test
  void dropsARecordWhoseLogIsGone() {
    record("one");
    content.delete(ended("one").outcome().orElseThrow().log().digest());

    history.close();
    history = openHistory(new Retention(Duration.ofHours(48), 50));

    assertThat(now(new HistoryQuery(Optional.empty(), false, true, List.of(), 0))).isEmpty();
  }

  @Test
  void tellsWhatIsThereThenWhatComes() {
    record("old");
    BuildRecording running = history.start("running", ASKED);
    try (HistoryListener listener =
        history.listen(new HistoryQuery(Optional.empty(), false, false, List.of(), 0))) {
      assertThat(listener.next().orElseThrow()).isInstanceOf(Started.class);
      assertThat(listener.next().orElseThrow().ref()).isEqualTo("old");

      running.end(said(), Optional.empty());
      history.delete("old");

      assertThat(listener.next().orElseThrow())
          .isInstanceOfSatisfying(
              Completed.class, event -> assertThat(event.ref()).isEqualTo("running"));
      assertThat(listener.next()).contains(new Deleted("old"));
    }
  }

  @Test
  void answersAboutAnUnknownRefWithNothing() {
    assertThat(now(new HistoryQuery(Optional.of("nobody"), true, true, List.of(), 0))).isEmpty();
  }

  @Test
  void deletesTheBlobsWithTheRecord() {
    record("one");
    Digest log = ended("one").outcome().orElseThrow().log().digest();

    history.delete("one");

    assertThat(content.find(log)).isEmpty();
    assertThat(history.log("one")).isEmpty();
    assertThat(history.holds(log)).isFalse();
  }

  @Test
  void keepsABlobThatAnotherRecordHasToo() {
    record("one");
    record("two");
    Digest log = ended("one").outcome().orElseThrow().log().digest();
    assertThat(ended("two").outcome().orElseThrow().log().digest()).isEqualTo(log);

    history.delete("one");

    assertThat(messages("two")).isNotEmpty();
  }

  @Test
  void hidesADeletedRecordUntilItsListenerLeaves() {
    record("one");
    try (HistoryListener _ =
        history.listen(new HistoryQuery(Optional.of("one"), false, false, List.of(), 0))) {
      history.delete("one");

      assertThat(now(new HistoryQuery(Optional.empty(), false, true, List.of(), 10))).isEmpty();
      assertThatThrownBy(
              () -> history.listen(new HistoryQuery(Optional.of("one"), false, true, List.of(), 0)))
          .isInstanceOf(NotFound.class);
      assertThat(new RecordTable(database).find("one")).isPresent();
    }
    assertThat(new RecordTable(database).find("one")).isEmpty();
  }

  @Test
  void limitsToTheNewest() {
    for (String ref : List.of("a", "b", "c")) {
      record(ref);
      clock.now = clock.now.plusSeconds(1);
    }

    assertThat(now(new HistoryQuery(Optional.empty(), false, true, List.of(), 2)))
        .extracting(HistoryEvent::ref)
        .containsExactly("c", "b");
  }

  @Test
  void removesOnlyWhatIsBothTooOldAndTooMany() {
    history.close();
    history = openHistory(new Retention(Duration.ofHours(1), 1));
    record("oldest");
    record("pinned");
    history.pin("pinned", true);
    clock.now = clock.now.plus(Duration.ofHours(2));
    record("young");
    record("youngest");

    history.retain();

    assertThat(now(new HistoryQuery(Optional.empty(), false, true, List.of(), 0)))
        .extracting(HistoryEvent::ref)
        .containsExactlyInAnyOrder("pinned", "young", "youngest");
  }

  @Test
  void recordsABuildWhoseThreadWasInterrupted() {
    BuildRecording recording = history.start("one", ASKED);
    Thread.currentThread().interrupt();

    recording.end(said(vertex(Digest.ofText("a"), true, false)), Optional.empty());

    assertThat(Thread.interrupted()).isTrue();
    try (HistoryListener listener =
        history.listen(new HistoryQuery(Optional.of("one"), false, false, List.of(), 0))) {
      HistoryEvent event = listener.next().orElseThrow();
      while (event instanceof Started) {
        event = listener.next().orElseThrow();
      }
      assertThat(event).isInstanceOf(Completed.class);
    }
  }

  private void record(String ref) {
    history
        .start(ref, ASKED)
        .end(said(vertex(Digest.ofText("a"), true, false)), Optional.<BuildFailure>empty());
  }

  private BuildRecord ended(String ref) {
    return new RecordTable(database).find(ref).orElseThrow();
  }

  private List<HistoryEvent> now(HistoryQuery query) {
    List<HistoryEvent> all = new ArrayList<>();
    try (HistoryListener listener = history.listen(query)) {
      for (Optional<HistoryEvent> event = listener.next();
          event.isPresent();
          event = listener.next()) {
        all.add(event.get());
      }
    }
    return all;
  }

  private List<String> messages(String ref) {
    List<String> all = new ArrayList<>();
    try (StatusLog log = history.log(ref).orElseThrow()) {
      for (Optional<byte[]> message = log.next(); message.isPresent(); message = log.next()) {
        all.add(new String(message.get(), StandardCharsets.UTF_8));
      }
    }
    return all;
  }

  private static byte[] manifest(Digest config, Digest layer) {
    return ("""
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
        "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":6},\
        "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":5}]}"""
            .formatted(config, layer))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static VertexChanged vertex(Digest digest, boolean completed, boolean cached) {
    return new VertexChanged(
        digest,
        List.of(),
        "step",
        Optional.of(Instant.EPOCH),
        completed ? Optional.of(Instant.EPOCH) : Optional.empty(),
        cached,
        Optional.empty(),
        Optional.empty(),
        Instant.EPOCH);
  }

  private static Warned warning(Digest vertex) {
    return new Warned(vertex, 1, "careful", List.of(), "", Optional.empty(), Instant.EPOCH);
  }

  private static ProgressReader said(ProgressEvent... events) {
    Deque<List<ProgressEvent>> batches = new ArrayDeque<>();
    if (events.length > 0) {
      batches.add(List.of(events));
    }
    return new ProgressReader() {
      @Override
      public Optional<List<ProgressEvent>> next() {
        return Optional.ofNullable(batches.poll());
      }

      @Override
      public void close() {
        // Nothing is open.
      }
    };
  }

  /// A clock that stands still, and on which sleepers wait to be interrupted.
  private static final class SettableClock implements Clock {
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public Instant now() {
      return now;
    }

    @Override
    public void sleep(Duration duration) {
      try {
        Thread.sleep(Duration.ofDays(1));
      } catch (InterruptedException interrupted) {
        throw Interruption.cancelled(interrupted);
      }
    }
  }
}
