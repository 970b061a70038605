package dev.slipway.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.history.BuildRecord.Asked;
import dev.slipway.history.BuildRecord.Failure;
import dev.slipway.history.BuildRecord.Outcome;
import dev.slipway.history.BuildRecord.Steps;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordFilterTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant NOW = START.plusSeconds(3600);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ref==abc",
        "ref~=^a",
        "status==completed",
        "status!=error",
        "repository==https://example.com/a.git",
        "startedAt<30m",
        "startedAt>2h",
        "startedAt>=2026-01-01T00:00:00Z",
        "completedAt<=2026-01-01T00:00:10Z",
        "duration>9.5s",
        "duration<=10s",
        "status==completed,duration>1s",
        "\"status==completed\",ref==abc",
      })
  void holdsOfTheRecord(String filter) {
    assertThat(RecordFilter.parse(filter, NOW).test(record(Optional.empty()))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ref==abd",
        "status==running",
        "status==canceled",
        "startedAt>30m",
        "completedAt>2026-01-01T00:00:10Z",
        "duration>10s",
        "status==completed,duration>1m",
        "unknown",
      })
  void doesNotHoldOfTheRecord(String filter) {
    assertThat(RecordFilter.parse(filter, NOW).test(record(Optional.empty()))).isFalse();
  }

  @Test
  void tellsCancellationFromOtherErrors() {
    assertThat(
            RecordFilter.parse("status==canceled", NOW)
                .test(record(Optional.of("failed: context canceled"))))
        .isTrue();
    assertThat(RecordFilter.parse("status==error", NOW).test(record(Optional.of("exit code: 1"))))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"startedAt>soon", "duration<long", "\"ref==abc", "ref=="})
  void refusesWhatMakesNoSense(String filter) {
    assertThatThrownBy(() -> RecordFilter.parse(filter, NOW)).isInstanceOf(InvalidRequest.class);
  }

  private static BuildRecord record(Optional<String> error) {
    Descriptor blob = new Descriptor(new MediaType("a/b"), Digest.ofText("a"), 1);
    return new BuildRecord(
        "abc",
        new Asked("", Map.of("context", "https://example.com/a.git#main:dir"), List.of()),
        START,
        Optional.of(
            new Outcome(
                START.plusSeconds(10),
                error.map(message -> new Failure(2, message, blob)),
                blob,
                new Steps(0, 0, 0, 0),
                Map.of(),
                Map.of(),
                new TreeMap<>())),
        Optional.empty(),
        0,
        false);
  }
}
