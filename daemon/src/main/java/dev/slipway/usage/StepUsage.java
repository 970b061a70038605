package dev.slipway.usage;

import java.util.List;
import java.util.Optional;

/// What a step used.
///
/// @param samples from first to last; the last one was taken when its process had ended
/// @param machine what the machine's processors did meanwhile; empty where that cannot be read
public record StepUsage(List<StepSample> samples, Optional<ProcessorTimes> machine) {
  public StepUsage {
    samples = List.copyOf(samples);
  }
}
