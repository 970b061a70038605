package dev.slipway.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.usage.MachineSample.Activity;
import dev.slipway.usage.MachineSample.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcMachineTest {
  @TempDir Path proc;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(
        proc.resolve("stat"),
        """
        cpu  6916434 2756012 1428416 3066859 70049 1 34018 176498 2 3
        cpu0 1 2 3 4 5 6 7 8 9 10
        intr 12 0 0
        ctxt 435235312
        btime 1700000000
        processes 2636366
        procs_running 4
        procs_blocked 0
        """);
    Files.writeString(
        proc.resolve("meminfo"),
        """
        MemTotal:       24684096 kB
        MemFree:        11633636 kB
        SwapCached:            5 kB
        SwapTotal:             7 kB
        HugePages_Total:       0
        """);
    Path pressure = Files.createDirectory(proc.resolve("pressure"));
    Files.writeString(
        pressure.resolve("cpu"), "some avg10=53.10 avg60=39.84 avg300=22.17 total=44141313020\n");
    Files.writeString(
        pressure.resolve("memory"),
        """
        some avg10=0.00 avg60=0.00 avg300=0.00 total=1
        full avg10=0.00 avg60=0.00 avg300=0.12 total=2
        """);
    Files.writeString(pressure.resolve("io"), "something else\n");
  }

  @Test
  void readsWhatTheKernelTells() {
    MachineSample sample = new ProcMachine(proc).sample(Instant.EPOCH).orElseThrow();

    assertThat(sample.processors().hundredths())
        .containsExactly(
            6916434L, 2756012L, 1428416L, 3066859L, 70049L, 1L, 34018L, 176498L, 2L, 3L);
    assertThat(sample.processors().seconds(ProcessorTimes.State.STEAL)).isEqualTo(1764.98);
    assertThat(sample.activity()).isEqualTo(new Activity(435235312, 2636366, 4));
    assertThat(sample.memory())
        .containsExactly(
            Map.entry(Memory.TOTAL, 24684096L),
            Map.entry(Memory.FREE, 11633636L),
            Map.entry(Memory.SWAP, 7L));
    MachineSample.Pressures pressures = sample.pressures().orElseThrow();
    assertThat(pressures.cpu())
        .isEqualTo(
            new Pressure(
                Optional.of(new Pressure.Share(53.1, 39.84, 22.17, 44141313020L)),
                Optional.empty()));
    assertThat(pressures.memory().full()).contains(new Pressure.Share(0, 0, 0.12, 2));
    assertThat(pressures.io()).isEqualTo(new Pressure(Optional.empty(), Optional.empty()));
  }

  @Test
  void tellsWhatTheProcessorsDidSince() {
    ProcessorTimes before = ProcessorTimes.parse("cpu  1 2 3 4 5 6 7").orElseThrow();
    ProcessorTimes after = new ProcMachine(proc).processorTimes().orElseThrow();

    assertThat(after.since(before).hundredths())
        .isEqualTo(
            List.of(6916433L, 2756010L, 1428413L, 3066855L, 70044L, -5L, 34011L, 176498L, 2L, 3L));
  }

  @Test
  void whatIsNotThereIsNotTold() throws IOException {
    Files.delete(proc.resolve("pressure/io"));
    assertThat(new ProcMachine(proc).sample(Instant.EPOCH).orElseThrow().pressures()).isEmpty();

    Files.delete(proc.resolve("stat"));
    assertThat(new ProcMachine(proc).sample(Instant.EPOCH)).isEmpty();
    assertThat(new ProcMachine(proc).processorTimes()).isEmpty();
  }
}
