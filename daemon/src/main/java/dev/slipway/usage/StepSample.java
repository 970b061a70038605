package dev.slipway.usage;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// What a step had used at one moment, since its beginning.
///
/// @param groups what could be read
public record StepSample(Instant at, Map<StepCounter.Group, Reading> groups) {
  public StepSample {
    EnumMap<StepCounter.Group, Reading> copy = new EnumMap<>(StepCounter.Group.class);
    copy.putAll(groups);
    groups = Collections.unmodifiableMap(copy);
  }

  /// Counters of one group.
  ///
  /// @param counters nanoseconds, bytes, or how many
  /// @param pressure what waiting for such things cost; empty where the kernel does not tell
  public record Reading(Map<StepCounter, Long> counters, Optional<Pressure> pressure) {
    public Reading {
      EnumMap<StepCounter, Long> copy = new EnumMap<>(StepCounter.class);
      copy.putAll(counters);
      counters = Collections.unmodifiableMap(copy);
    }
  }
}
