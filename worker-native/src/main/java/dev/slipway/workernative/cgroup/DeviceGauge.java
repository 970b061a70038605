package dev.slipway.workernative.cgroup;

import dev.slipway.usage.StepCounter;
import dev.slipway.usage.StepSample.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads what went over a network device since a moment: steps use the same network one after the
/// other. Immutable.
final class DeviceGauge {
  private static final Set<StepCounter> COUNTERS =
      EnumSet.range(StepCounter.RX_BYTES, StepCounter.TX_DROPPED);

  private final Path statistics;
  private final Map<StepCounter, Long> before;

  private DeviceGauge(Path statistics, Map<StepCounter, Long> before) {
    this.statistics = statistics;
    this.before = before;
  }

  /// Counts from now on.
  ///
  /// @param statistics the device's directory of counters
  static DeviceGauge fromNow(Path statistics) {
    return new DeviceGauge(statistics, counters(statistics));
  }

  /// Empty when there is no such device.
  Optional<Reading> read() {
    Map<StepCounter, Long> counters = counters(statistics);
    counters.replaceAll((counter, value) -> value - before.getOrDefault(counter, 0L));
    return counters.isEmpty()
        ? Optional.empty()
        : Optional.of(new Reading(counters, Optional.empty()));
  }

  private static Map<StepCounter, Long> counters(Path statistics) {
    EnumMap<StepCounter, Long> counters = new EnumMap<>(StepCounter.class);
    for (StepCounter counter : COUNTERS) {
      try {
        CgroupGauge.number(
                Files.readString(statistics.resolve(counter.name().toLowerCase(Locale.ROOT))))
            .ifPresent(value -> counters.put(counter, value));
      } catch (IOException gone) {
        return new EnumMap<>(StepCounter.class);
      }
    }
    return counters;
  }
}
