package dev.slipway.provenance;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.json.GoJson;
import dev.slipway.usage.MachineSample;
import dev.slipway.usage.MachineSample.Activity;
import dev.slipway.usage.MachineSample.Memory;
import dev.slipway.usage.MachineSample.Pressures;
import dev.slipway.usage.Pressure;
import dev.slipway.usage.Pressure.Share;
import dev.slipway.usage.ProcessorTimes;
import dev.slipway.usage.StepCounter;
import dev.slipway.usage.StepCounter.Group;
import dev.slipway.usage.StepSample;
import dev.slipway.usage.StepSample.Reading;
import dev.slipway.usage.StepUsage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The golden files are what buildkitd v0.32.2 wrote of the same numbers.
final class UsageJsonTest {
  private static final Pressure NONE = pressure(new Share(0, 0, 0, 0), new Share(0, 0, 0, 0));

  @Test
  void tellsAStepAsBuildKitDoes() throws IOException {
    StepSample sample =
        new StepSample(
            Instant.parse("2026-11-28T16:20:11.879012059Z"),
            Map.of(
                Group.CPU,
                cpu(),
                Group.MEMORY,
                memory(),
                Group.IO,
                io(),
                Group.NETWORK,
                network(),
                Group.PIDS,
                reading(Map.of(StepCounter.CURRENT, 4L))));
    ProcessorTimes machine =
        new ProcessorTimes(List.of(699L, 0L, 24L, 11L, 0L, 0L, 1234567890L, 0L, 0L, 0L));

    Object json = UsageJson.of(new StepUsage(List.of(sample), Optional.of(machine)));

    assertThat(text(json)).isEqualTo(golden("step-usage.json"));
  }

  @Test
  void tellsTheMachineAsBuildKitDoes() throws IOException {
    assertThat(text(UsageJson.of(machine()))).isEqualTo(golden("machine-sample.json"));
  }

  @Test
  void whatTheKernelDoesNotTellIsNull() {
    MachineSample old =
        new MachineSample(
            Instant.EPOCH,
            machine().processors(),
            machine().activity(),
            Map.of(),
            Optional.of(
                new Pressures(new Pressure(Optional.empty(), Optional.empty()), NONE, NONE)));

    assertThat(new String(GoJson.compact(UsageJson.of(old)), StandardCharsets.UTF_8))
        .contains("\"memoryStat\":{\"total\":null,")
        .contains("\"cpuPressure\":{\"some\":null,\"full\":null}");
  }

  private static Reading cpu() {
    return new Reading(
        Map.of(
            StepCounter.USAGE_NANOS, 1_234_567_000L,
            StepCounter.USER_NANOS, 1_000_001_000L,
            StepCounter.SYSTEM_NANOS, 234_566_000L,
            StepCounter.PERIODS, 12L,
            StepCounter.THROTTLED, 3L,
            StepCounter.THROTTLED_NANOS, 4_500_000L),
        Optional.of(pressure(new Share(2.35, 0.42, 0.08, 279425), new Share(0, 0, 0, 277834))));
  }

  private static Reading memory() {
    return new Reading(
        Map.ofEntries(
            entry(StepCounter.SWAP_BYTES, 0L),
            entry(StepCounter.ANON, 1048576L),
            entry(StepCounter.FILE, 2097152L),
            entry(StepCounter.KERNEL_STACK, 65536L),
            entry(StepCounter.PAGE_TABLES, 131072L),
            entry(StepCounter.SOCK, 4096L),
            entry(StepCounter.SHMEM, 12288L),
            entry(StepCounter.FILE_MAPPED, 16384L),
            entry(StepCounter.FILE_DIRTY, 20480L),
            entry(StepCounter.FILE_WRITEBACK, 24576L),
            entry(StepCounter.SLAB, 150000L),
            entry(StepCounter.PGSCAN, 7L),
            entry(StepCounter.PGSTEAL, 6L),
            entry(StepCounter.PGFAULT, 5432L),
            entry(StepCounter.PGMAJFAULT, 21L),
            entry(StepCounter.PEAK, 3145728L),
            entry(StepCounter.LOW_EVENTS, 0L),
            entry(StepCounter.HIGH_EVENTS, 2L),
            entry(StepCounter.MAX_EVENTS, 3L),
            entry(StepCounter.OOM_EVENTS, 1L),
            entry(StepCounter.OOM_KILL_EVENTS, 1L)),
        Optional.of(NONE));
  }

  private static Reading io() {
    return new Reading(
        Map.of(
            StepCounter.READ_BYTES, 5120L,
            StepCounter.WRITE_BYTES, 8192L,
            StepCounter.DISCARD_BYTES, 512L,
            StepCounter.READ_IOS, 4L,
            StepCounter.WRITE_IOS, 2L,
            StepCounter.DISCARD_IOS, 1L),
        Optional.of(
            pressure(new Share(3.1, 5, 2.94, 1454706373), new Share(1.51, 4.34, 2.66, 464336941))));
  }

  private static Reading network() {
    return reading(
        Map.of(
            StepCounter.RX_BYTES, 1L,
            StepCounter.RX_PACKETS, 2L,
            StepCounter.RX_ERRORS, 0L,
            StepCounter.RX_DROPPED, 4L,
            StepCounter.TX_BYTES, 5L,
            StepCounter.TX_PACKETS, 6L,
            StepCounter.TX_ERRORS, 7L,
            StepCounter.TX_DROPPED, 0L));
  }

  /// As it was when the genuine daemon looked.
  static MachineSample machine() {
    return new MachineSample(
        Instant.parse("2026-11-28T16:20:11.602144128Z"),
        new ProcessorTimes(
            List.of(6907246L, 2756012L, 1427173L, 3065314L, 69891L, 0L, 34001L, 176495L, 0L, 0L)),
        new Activity(435235312, 2636366, 4),
        Map.ofEntries(
            entry(Memory.TOTAL, 24684096L),
            entry(Memory.FREE, 17122992L),
            entry(Memory.AVAILABLE, 22359728L),
            entry(Memory.BUFFERS, 67976L),
            entry(Memory.CACHED, 4470508L),
            entry(Memory.ACTIVE, 3661884L),
            entry(Memory.INACTIVE, 1204588L),
            entry(Memory.SWAP, 0L),
            entry(Memory.DIRTY, 4856L),
            entry(Memory.WRITEBACK, 0L),
            entry(Memory.SLAB, 1210160L)),
        Optional.of(
            new Pressures(
                pressure(new Share(26, 35.01, 18.02, 44116105988L), new Share(0, 0, 0, 0)),
                NONE,
                pressure(
                    new Share(3.1, 5, 2.94, 1454706373), new Share(1.51, 4.34, 2.66, 464336941)))));
  }

  private static Reading reading(Map<StepCounter, Long> counters) {
    return new Reading(counters, Optional.empty());
  }

  private static Pressure pressure(Share some, Share full) {
    return new Pressure(Optional.of(some), Optional.of(full));
  }

  private static String text(Object json) {
    return new String(GoJson.indented(json), StandardCharsets.UTF_8) + "\n";
  }

  private static String golden(String name) throws IOException {
    try (InputStream golden =
        Objects.requireNonNull(UsageJsonTest.class.getResourceAsStream(name), name)) {
      return new String(golden.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
