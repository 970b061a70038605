package dev.slipway.workernative.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.task.Clock;
import dev.slipway.usage.Pressure;
import dev.slipway.usage.ProcMachine;
import dev.slipway.usage.ProcessorTimes;
import dev.slipway.usage.StepCounter;
import dev.slipway.usage.StepCounter.Group;
import dev.slipway.usage.StepSample;
import dev.slipway.usage.StepSample.Reading;
import dev.slipway.usage.StepUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// By files that look like those of the kernel.
final class CgroupsTest {
  @TempDir Path folder;
  private Path mounted;
  private Path step;
  private Path device;
  private Cgroups cgroups;

  @BeforeEach
  void open() throws IOException {
    mounted = Files.createDirectory(folder.resolve("cgroup"));
    Files.createFile(mounted.resolve("cgroup.subtree_control"));
    step = Files.createDirectories(mounted.resolve("buildkit/c1"));
    device = Files.createDirectories(folder.resolve("net/veth0/statistics"));
    Path proc = Files.createDirectory(folder.resolve("proc"));
    Files.writeString(proc.resolve("stat"), "cpu  100 0 0 0 0 0 0 0 0 0\n");
    cgroups = new Cgroups(mounted, folder.resolve("net"), new ProcMachine(proc), Clock.system());
  }

  @Test
  void readsEveryFileOfACgroup() throws IOException {
    writeStep();

    try (StepCgroup cgroup = cgroups.forStep("/buildkit/c1", Optional.empty())) {
      cgroup.begin();
      Files.writeString(folder.resolve("proc/stat"), "cpu  142 0 0 0 0 0 0 0 0 1\n");
      StepUsage usage = cgroup.usage().orElseThrow();

      StepSample sample = usage.samples().getLast();
      assertThat(sample.groups()).containsOnlyKeys(Group.CPU, Group.MEMORY, Group.IO, Group.PIDS);
      assertThat(reading(sample, Group.CPU).counters())
          .containsExactly(
              Map.entry(StepCounter.USAGE_NANOS, 1_234_567_000L),
              Map.entry(StepCounter.USER_NANOS, 1_000_001_000L),
              Map.entry(StepCounter.SYSTEM_NANOS, 234_566_000L),
              Map.entry(StepCounter.PERIODS, 12L),
              Map.entry(StepCounter.THROTTLED, 3L),
              Map.entry(StepCounter.THROTTLED_NANOS, 4_500_000L));
      assertThat(reading(sample, Group.CPU).pressure())
          .contains(
              new Pressure(
                  Optional.of(new Pressure.Share(2.35, 0.42, 0.08, 279425)),
                  Optional.of(new Pressure.Share(0, 0, 0, 277834))));
      assertThat(reading(sample, Group.MEMORY).counters())
          .containsExactly(
              Map.entry(StepCounter.SWAP_BYTES, 5L),
              Map.entry(StepCounter.ANON, 1048576L),
              Map.entry(StepCounter.FILE, 2097152L),
              Map.entry(StepCounter.KERNEL_STACK, 65536L),
              Map.entry(StepCounter.PAGE_TABLES, 131072L),
              Map.entry(StepCounter.SOCK, 4096L),
              Map.entry(StepCounter.SHMEM, 12288L),
              Map.entry(StepCounter.FILE_MAPPED, 16384L),
              Map.entry(StepCounter.FILE_DIRTY, 20480L),
              Map.entry(StepCounter.FILE_WRITEBACK, 24576L),
              Map.entry(StepCounter.SLAB, 150000L),
              Map.entry(StepCounter.PGSCAN, 7L),
              Map.entry(StepCounter.PGSTEAL, 6L),
              Map.entry(StepCounter.PGFAULT, 5432L),
              Map.entry(StepCounter.PGMAJFAULT, 21L),
              Map.entry(StepCounter.PEAK, 3145728L),
              Map.entry(StepCounter.LOW_EVENTS, 0L),
              Map.entry(StepCounter.HIGH_EVENTS, 2L),
              Map.entry(StepCounter.MAX_EVENTS, 3L),
              Map.entry(StepCounter.OOM_EVENTS, 1L),
              Map.entry(StepCounter.OOM_KILL_EVENTS, 1L));
      assertThat(reading(sample, Group.MEMORY).pressure()).isEmpty();
      assertThat(reading(sample, Group.IO).counters())
          .containsExactly(
              Map.entry(StepCounter.READ_BYTES, 5120L),
              Map.entry(StepCounter.WRITE_BYTES, 8192L),
              Map.entry(StepCounter.DISCARD_BYTES, 512L),
              Map.entry(StepCounter.READ_IOS, 4L),
              Map.entry(StepCounter.WRITE_IOS, 2L),
              Map.entry(StepCounter.DISCARD_IOS, 1L));
      assertThat(reading(sample, Group.PIDS).counters())
          .containsExactly(Map.entry(StepCounter.CURRENT, 4L));
      assertThat(usage.machine().map(times -> times.seconds(ProcessorTimes.State.USER)))
          .contains(0.42);
    }
  }

  @Test
  void whatTheCgroupDoesNotHaveIsNotTold() throws IOException {
    Files.writeString(step.resolve("cpu.stat"), "usage_usec 1\nnr_periods many\n");

    try (StepCgroup cgroup = cgroups.forStep("/buildkit/c1", Optional.empty())) {
      cgroup.begin();

      StepSample sample = cgroup.usage().orElseThrow().samples().getLast();
      assertThat(sample.groups()).containsOnlyKeys(Group.CPU, Group.PIDS);
      assertThat(reading(sample, Group.CPU).counters())
          .containsExactly(Map.entry(StepCounter.USAGE_NANOS, 1000L));
      assertThat(reading(sample, Group.PIDS).counters()).isEmpty();
    }
  }

  @Test
  void countsWhatWentOverTheNetworkSinceTheStepHadIt() throws IOException {
    for (String name :
        new String[] {
          "rx_bytes", "rx_packets", "rx_errors", "rx_dropped",
          "tx_bytes", "tx_packets", "tx_errors", "tx_dropped"
        }) {
      Files.writeString(device.resolve(name), "100\n");
    }
    try (StepCgroup cgroup = cgroups.forStep("/buildkit/c1", Optional.of("veth0"))) {
      cgroup.begin();
      Files.writeString(device.resolve("rx_bytes"), "142\n");
      Files.writeString(device.resolve("tx_packets"), "101\n");

      assertThat(
              reading(cgroup.usage().orElseThrow().samples().getLast(), Group.NETWORK).counters())
          .hasSize(8)
          .containsEntry(StepCounter.RX_BYTES, 42L)
          .containsEntry(StepCounter.TX_PACKETS, 1L)
          .containsEntry(StepCounter.RX_PACKETS, 0L);

      Files.delete(device.resolve("tx_dropped"));
      assertThat(cgroup.usage().orElseThrow().samples().getLast().groups())
          .doesNotContainKey(Group.NETWORK);
    }
  }

  @Test
  void aStepRunsWithinItsCgroupWhichGoesAfterwards() throws IOException {
    try (StepCgroup cgroup = cgroups.forStep("/buildkit/c1", Optional.empty())) {
      assertThat(cgroup.path()).isEqualTo("/buildkit/c1/step");
      Files.createDirectory(step.resolve("step"));
    }

    assertThat(step).doesNotExist();
    assertThat(mounted.resolve("buildkit")).exists();
  }

  @Test
  void nothingIsToldOfACgroupThatWasNeverMade() throws IOException {
    Files.delete(step);
    try (StepCgroup cgroup = cgroups.forStep("/buildkit/c1", Optional.empty())) {
      assertThat(cgroup.usage()).isEmpty();
      cgroup.begin();

      assertThat(cgroup.usage()).isEmpty();
    }
  }

  @Test
  void whereEveryControllerHasItsOwnHierarchyNothingIsMeasured() throws IOException {
    Files.delete(mounted.resolve("cgroup.subtree_control"));
    writeStep();

    try (StepCgroup cgroup = cgroups.forStep("/buildkit/c1", Optional.empty())) {
      cgroup.begin();

      assertThat(cgroup.path()).isEqualTo("/buildkit/c1");
      assertThat(cgroup.usage()).isEmpty();
    }
    assertThat(step).exists();
  }

  @Test
  void aPathOfSystemdsFormStaysAsItIs() {
    try (StepCgroup cgroup = cgroups.forStep("system.slice:buildkit:c1", Optional.empty())) {
      cgroup.begin();

      assertThat(cgroup.path()).isEqualTo("system.slice:buildkit:c1");
      assertThat(cgroup.usage()).isEmpty();
    }
  }

  @Test
  void sweepsWhatAKilledDaemonLeftAndNothingElse() throws IOException {
    Path other = Files.createDirectories(mounted.resolve("buildkit/other"));
    Files.createDirectory(step.resolve("step"));

    cgroups.sweep("/buildkit/other");
    cgroups.sweep("/buildkit/c1/step");

    assertThat(step).doesNotExist();
    assertThat(other).exists();
  }

  private static Reading reading(StepSample sample, Group group) {
    return Optional.ofNullable(sample.groups().get(group)).orElseThrow();
  }

  private void writeStep() throws IOException {
    write(
        "cpu.stat",
        """
        usage_usec 1234567
        user_usec 1000001
        system_usec 234566
        nice_usec 0
        nr_periods 12
        nr_throttled 3
        throttled_usec 4500
        burst_usec 0
        """);
    write(
        "cpu.pressure",
        """
        some avg10=2.35 avg60=0.42 avg300=0.08 total=279425
        full avg10=0.00 avg60=0.00 avg300=0.00 total=277834
        """);
    write(
        "memory.stat",
        """
        anon 1048576
        file 2097152
        kernel 524288
        kernel_stack 65536
        pagetables 131072
        sock 4096
        vmalloc 8192
        shmem 12288
        file_mapped 16384
        file_dirty 20480
        file_writeback 24576
        inactive_anon 1048576
        slab 150000
        pgscan 7
        pgsteal 6
        pgfault 5432
        pgmajfault 21
        """);
    write("memory.events", "low 0\nhigh 2\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n");
    write("memory.peak", "3145728\n");
    write("memory.swap.current", "5\n");
    write("pids.current", "4\n");
    write(
        "io.stat",
        """
        8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0
        253:1 rbytes=1024 wbytes=0 rios=3 wios=0 dbytes=512 dios=1
        """);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(step.resolve(file), text);
  }
}
