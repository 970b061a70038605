package dev.slipway.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent.LogStream;
import dev.slipway.progress.ProgressEvent.Logged;
import dev.slipway.progress.ProgressEvent.ProgressGroup;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.progress.ProgressEvent.Warned;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JobLogTest {
  private static final Digest A = Digest.ofText("a");
  private static final Digest B = Digest.ofText("b");

  @TempDir private Path folder;

  @Test
  void everyFieldOfEveryEventComesBack() {
    VertexChanged change =
        new VertexChanged(
            A,
            List.of(B, Digest.ofText("c")),
            "[1/2] RUN ü",
            Optional.of(at(5)),
            Optional.of(at(6)),
            true,
            Optional.of("exit code: 1"),
            Optional.of(new ProgressGroup("g", "group", true)),
            at(1));
    VertexChanged bare =
        new VertexChanged(
            B,
            List.of(),
            "",
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty(),
            at(2));
    StatusChanged status =
        new StatusChanged(
            "layer", A, "pulling", 7, 1L << 40, at(3), Optional.of(at(2)), Optional.empty());
    WarnedSource source =
        new WarnedSource(
            "Dockerfile",
            "Dockerfile",
            bytes("FROM x"),
            bytes("def"),
            List.of(new SourceRange(1, 0, 1, 6)));
    Warned warning =
        new Warned(
            A,
            1,
            "Rule: message",
            List.of("line one", "line two"),
            "https://example",
            Optional.of(source),
            at(4));
    try (JobLog log = JobLog.create(folder.resolve("log"));
        JobLog.Reader reader = log.open()) {
      List.of(change, bare, status, warning).forEach(log::emit);

      List<ProgressEvent> read = reader.next().orElseThrow();

      assertThat(read.subList(0, 3)).containsExactly(change, bare, status);
      assertThat(read.get(3)).usingRecursiveComparison().isEqualTo(warning);
    }
  }

  @Test
  void readersThatComeAtAnyTimeGetEverythingFromTheStart() {
    try (JobLog log = JobLog.create(folder.resolve("log"));
        TaskScope scope = TaskScope.open("readers")) {
      List<TaskScope.Forked<List<String>>> readers = new ArrayList<>();
      List<String> emitted = new ArrayList<>();
      for (int number = 0; number < 20_000; number++) {
        if (number % 2_500 == 0) {
          JobLog.Reader reader = log.open();
          readers.add(scope.fork(() -> drain(reader)));
        }
        emitted.add(number + "\n");
        log.emit(logged(A, number + "\n", number));
      }
      log.finish();
      readers.add(scope.fork(() -> drain(log.open())));

      for (TaskScope.Forked<List<String>> reader : readers) {
        assertThat(reader.result()).isEqualTo(emitted);
      }
    }
  }

  @Test
  void aReaderWaitsForWhatComesAndEndsWithTheLog() {
    try (JobLog log = JobLog.create(folder.resolve("log"));
        TaskScope scope = TaskScope.open("reader")) {
      JobLog.Reader reader = log.open();
      TaskScope.Forked<List<String>> reading = scope.fork(() -> drain(reader));

      log.emit(logged(A, "one", 1));
      log.emit(logged(A, "two", 2));
      log.finish();

      assertThat(reading.result()).containsExactly("one", "two");
    }
  }

  @Test
  void whatChangesFasterThanAnybodySeesIsToldAtOnce() {
    try (JobLog log = JobLog.create(folder.resolve("log"), Duration.ofDays(1));
        JobLog.Reader reader = log.open();
        TaskScope scope = TaskScope.open("reader")) {
      log.emit(logged(A, "first", 1));
      assertThat(texts(reader.next().orElseThrow())).containsExactly("first");

      log.emit(logged(A, "second", 2));
      TaskScope.Forked<List<ProgressEvent>> reading = scope.fork(() -> reader.next().orElseThrow());
      log.emit(logged(A, "third", 3));
      log.finish();

      assertThat(texts(reading.result())).containsExactly("second", "third");
    }
  }

  @Test
  void muchOutputIsNotHeldBack() {
    try (JobLog log = JobLog.create(folder.resolve("log"), Duration.ofDays(1));
        JobLog.Reader reader = log.open()) {
      log.emit(logged(A, "first", 1));
      assertThat(texts(reader.next().orElseThrow())).containsExactly("first");

      log.emit(logged(A, "x".repeat(1 << 20), 2));

      assertThat(reader.next()).isPresent();
    }
  }

  @Test
  void aReaderThatIsInterruptedStops() {
    try (JobLog log = JobLog.create(folder.resolve("log"));
        TaskScope scope = TaskScope.open("reader")) {
      JobLog.Reader reader = log.open();
      TaskScope.Forked<Optional<List<ProgressEvent>>> reading = scope.fork(reader::next);

      reading.interrupt();

      assertThatThrownBy(reading::result).isInstanceOf(Cancelled.class);
      reader.close();
    }
  }

  @Test
  void ofTheStatesOfAnItemTheLatestOfABatchIsTold() {
    try (JobLog log = JobLog.create(folder.resolve("log"));
        JobLog.Reader reader = log.open()) {
      log.emit(logged(A, "before", 1));
      log.emit(status(A, "layer", 1, 2));
      log.emit(status(B, "layer", 5, 3));
      log.emit(logged(A, "between", 4));
      log.emit(status(A, "layer", 9, 5));

      List<ProgressEvent> batch = reader.next().orElseThrow();

      assertThat(batch.stream().filter(StatusChanged.class::isInstance))
          .containsExactly(status(B, "layer", 5, 3), status(A, "layer", 9, 5));
      assertThat(texts(batch)).containsExactly("before", "between");
    }
  }

  @Test
  void eventsAreInTheOrderOfTimeButNeverOutOfOrderWithinAVertex() {
    try (JobLog log = JobLog.create(folder.resolve("log"));
        JobLog.Reader reader = log.open()) {
      log.emit(logged(A, "a at 5", 5));
      log.emit(logged(B, "b at 3", 3));
      log.emit(logged(A, "a after the clock was set back", 1));

      assertThat(texts(reader.next().orElseThrow()))
          .containsExactly("b at 3", "a at 5", "a after the clock was set back");
    }
  }

  @Test
  void aFinishedLogIsReadAgainFromItsFile() {
    Path file = folder.resolve("log");
    try (JobLog log = JobLog.create(file)) {
      log.emit(logged(A, "kept", 1));
    }

    try (JobLog again = JobLog.reopen(file)) {
      assertThat(drain(again.open())).containsExactly("kept");
    }
    assertThatThrownBy(() -> JobLog.reopen(folder.resolve("other"))).isInstanceOf(NotFound.class);
  }

  @Test
  void aLogWhoseDaemonWasKilledEndsWithItsLastWholeEvent() throws IOException {
    Path file = folder.resolve("log");
    try (JobLog log = JobLog.create(file)) {
      log.emit(logged(A, "whole", 1));
      log.emit(logged(A, "torn", 2));
    }
    byte[] all = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(all, all.length - 3));

    try (JobLog again = JobLog.reopen(file)) {
      assertThat(drain(again.open())).containsExactly("whole");
    }
  }

  @Test
  void theStoryOfOneVertexIsToldAgain() {
    try (JobLog log = JobLog.create(folder.resolve("log"))) {
      for (int number = 0; number < 5_000; number++) {
        log.emit(logged(number % 7 < 5 ? A : B, "line " + number, number));
      }
      List<ProgressEvent> told = new ArrayList<>();
      log.replay(B, told::add);

      assertThat(texts(told))
          .hasSize(1_428)
          .startsWith("line 5", "line 6", "line 12")
          .endsWith("line 4997");
    }
  }

  @Test
  void moreOutputThanMemoryHoldsIsKept() throws IOException {
    byte[] chunk = new byte[1 << 20];
    long total = Runtime.getRuntime().maxMemory() > (1L << 30) ? 256 : 64;
    Path file = folder.resolve("log");
    try (JobLog log = JobLog.create(file)) {
      for (int number = 0; number < total; number++) {
        chunk[0] = (byte) number;
        log.emit(new Logged(A, LogStream.STDERR, chunk.clone(), at(number)));
      }
      log.finish();
      long read = 0;
      try (JobLog.Reader reader = log.open()) {
        for (Optional<List<ProgressEvent>> batch = reader.next();
            batch.isPresent();
            batch = reader.next()) {
          for (ProgressEvent event : batch.get()) {
            assertThat(((Logged) event).data()[0]).isEqualTo((byte) (read >> 20));
            read += ((Logged) event).data().length;
          }
        }
      }
      assertThat(read).isEqualTo(total << 20);
    }
    assertThat(Files.size(file)).isGreaterThan(total << 20);
  }

  @Test
  void reportingFromInterruptedWorkDoesNotHarmTheLog() {
    try (JobLog log = JobLog.create(folder.resolve("log"))) {
      Thread.currentThread().interrupt();
      for (int number = 0; number < 100; number++) {
        log.emit(logged(A, "x".repeat(10_000), number));
      }
      assertThat(Thread.interrupted()).isTrue();
      log.finish();

      assertThat(drain(log.open())).hasSize(100);
    }
  }

  private static List<String> drain(JobLog.Reader reader) {
    List<String> read = new ArrayList<>();
    try (reader) {
      for (Optional<List<ProgressEvent>> batch = reader.next();
          batch.isPresent();
          batch = reader.next()) {
        read.addAll(texts(batch.get()));
      }
    }
    return read;
  }

  private static List<String> texts(List<ProgressEvent> events) {
    return events.stream()
        .filter(Logged.class::isInstance)
        .map(event -> new String(((Logged) event).data(), StandardCharsets.UTF_8))
        .toList();
  }

  private static Logged logged(Digest vertex, String text, long second) {
    return new Logged(vertex, LogStream.STDOUT, bytes(text), at(second));
  }

  private static StatusChanged status(Digest vertex, String id, long current, long second) {
    return new StatusChanged(
        id, vertex, "", current, 0, at(second), Optional.empty(), Optional.empty());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Instant at(long second) {
    return Instant.ofEpochSecond(1_700_000_000 + second, 123_456_789);
  }
}
