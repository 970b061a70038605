package dev.slipway.workernative.cgroup;

import static java.util.Map.entry;

import dev.slipway.usage.Pressure;
import dev.slipway.usage.Sampling;
import dev.slipway.usage.StepCounter;
import dev.slipway.usage.StepCounter.Group;
import dev.slipway.usage.StepSample;
import dev.slipway.usage.StepSample.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Reads the files of one cgroup. Files of controllers that the cgroup does not have are not there,
/// and what they count is not told. Immutable.
///
/// @param directory of the cgroup
/// @param device of the step's network, if it has its own
record CgroupGauge(Path directory, Optional<DeviceGauge> device)
    implements Sampling.Gauge<StepSample> {
  private static final Map<String, StepCounter> CPU_MICROS =
      Map.of(
          "usage_usec", StepCounter.USAGE_NANOS,
          "user_usec", StepCounter.USER_NANOS,
          "system_usec", StepCounter.SYSTEM_NANOS,
          "throttled_usec", StepCounter.THROTTLED_NANOS);
  private static final Map<String, StepCounter> CPU_COUNTS =
      Map.of("nr_periods", StepCounter.PERIODS, "nr_throttled", StepCounter.THROTTLED);
  private static final Map<String, StepCounter> MEMORY =
      Map.ofEntries(
          entry("anon", StepCounter.ANON),
          entry("file", StepCounter.FILE),
          entry("kernel_stack", StepCounter.KERNEL_STACK),
          entry("pagetables", StepCounter.PAGE_TABLES),
          entry("sock", StepCounter.SOCK),
          entry("shmem", StepCounter.SHMEM),
          entry("file_mapped", StepCounter.FILE_MAPPED),
          entry("file_dirty", StepCounter.FILE_DIRTY),
          entry("file_writeback", StepCounter.FILE_WRITEBACK),
          entry("slab", StepCounter.SLAB),
          entry("pgscan", StepCounter.PGSCAN),
          entry("pgsteal", StepCounter.PGSTEAL),
          entry("pgfault", StepCounter.PGFAULT),
          entry("pgmajfault", StepCounter.PGMAJFAULT));
  private static final Map<String, StepCounter> MEMORY_EVENTS =
      Map.of(
          "low", StepCounter.LOW_EVENTS,
          "high", StepCounter.HIGH_EVENTS,
          "max", StepCounter.MAX_EVENTS,
          "oom", StepCounter.OOM_EVENTS,
          "oom_kill", StepCounter.OOM_KILL_EVENTS);
  private static final Map<String, StepCounter> IO =
      Map.of(
          "rbytes", StepCounter.READ_BYTES,
          "wbytes", StepCounter.WRITE_BYTES,
          "dbytes", StepCounter.DISCARD_BYTES,
          "rios", StepCounter.READ_IOS,
          "wios", StepCounter.WRITE_IOS,
          "dios", StepCounter.DISCARD_IOS);

  @Override
  public Optional<StepSample> sample(Instant at) {
    EnumMap<Group, Reading> groups = new EnumMap<>(Group.class);
    cpu().ifPresent(reading -> groups.put(Group.CPU, reading));
    memory().ifPresent(reading -> groups.put(Group.MEMORY, reading));
    io().ifPresent(reading -> groups.put(Group.IO, reading));
    if (groups.isEmpty() && !Files.exists(directory)) {
      return Optional.empty();
    }
    groups.put(Group.PIDS, processes());
    device.flatMap(DeviceGauge::read).ifPresent(reading -> groups.put(Group.NETWORK, reading));
    return Optional.of(new StepSample(at, groups));
  }

  private Optional<Reading> cpu() {
    return lines("cpu.stat")
        .map(
            lines -> {
              EnumMap<StepCounter, Long> counters = new EnumMap<>(StepCounter.class);
              count(lines, CPU_COUNTS, counters::put);
              count(lines, CPU_MICROS, (counter, micros) -> counters.put(counter, micros * 1000));
              return new Reading(counters, pressure("cpu.pressure"));
            });
  }

  private Optional<Reading> memory() {
    return lines("memory.stat")
        .map(
            lines -> {
              EnumMap<StepCounter, Long> counters = new EnumMap<>(StepCounter.class);
              count(lines, MEMORY, counters::put);
              lines("memory.events").ifPresent(all -> count(all, MEMORY_EVENTS, counters::put));
              value("memory.peak").ifPresent(peak -> counters.put(StepCounter.PEAK, peak));
              value("memory.swap.current")
                  .ifPresent(swap -> counters.put(StepCounter.SWAP_BYTES, swap));
              return new Reading(counters, pressure("memory.pressure"));
            });
  }

  /// One line a device: its number, then `name=value` pairs.
  private Optional<Reading> io() {
    return lines("io.stat")
        .map(
            lines -> {
              EnumMap<StepCounter, Long> counters = new EnumMap<>(StepCounter.class);
              for (String line : lines) {
                for (String pair : line.split(" ")) {
                  int end = pair.indexOf('=');
                  StepCounter counter = IO.get(pair.substring(0, Math.max(end, 0)));
                  if (counter != null) {
                    number(pair.substring(end + 1))
                        .ifPresent(value -> counters.merge(counter, value, Long::sum));
                  }
                }
              }
              return new Reading(counters, pressure("io.pressure"));
            });
  }

  private Reading processes() {
    return new Reading(
        value("pids.current").map(now -> Map.of(StepCounter.CURRENT, now)).orElse(Map.of()),
        Optional.empty());
  }

  private static void count(
      List<String> lines, Map<String, StepCounter> known, BiConsumer<StepCounter, Long> into) {
    for (String line : lines) {
      int end = line.indexOf(' ');
      StepCounter counter = known.get(line.substring(0, Math.max(end, 0)));
      if (counter != null) {
        number(line.substring(end + 1)).ifPresent(value -> into.accept(counter, value));
      }
    }
  }

  private Optional<Pressure> pressure(String file) {
    return text(file).map(Pressure::parse);
  }

  private Optional<Long> value(String file) {
    return text(file).flatMap(CgroupGauge::number);
  }

  private Optional<List<String>> lines(String file) {
    return text(file).map(text -> text.lines().toList());
  }

  /// Empty where the kernel does not have such a file, or does not want it read.
  private Optional<String> text(String file) {
    try {
      return Optional.of(Files.readString(directory.resolve(file)));
    } catch (IOException untold) {
      return Optional.empty();
    }
  }

  static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException unknown) {
      return Optional.empty();
    }
  }
}
