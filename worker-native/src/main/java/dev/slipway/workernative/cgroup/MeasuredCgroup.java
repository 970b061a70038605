package dev.slipway.workernative.cgroup;

import dev.slipway.task.Clock;
import dev.slipway.usage.ProcMachine;
import dev.slipway.usage.ProcessorTimes;
import dev.slipway.usage.Sampling;
import dev.slipway.usage.StepSample;
import dev.slipway.usage.StepUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A cgroup that is looked at while a step runs in one within it. Confined to the thread that runs
/// the step, but for what looks at the cgroup meanwhile.
final class MeasuredCgroup implements StepCgroup {
  private static final Logger log = LoggerFactory.getLogger(MeasuredCgroup.class);
  static final String INNER = "step";

  private final Path path;
  private final CgroupGauge gauge;
  private final ProcMachine machine;
  private final Clock clock;
  private Optional<Sampling<StepSample>> sampling = Optional.empty();
  private Optional<ProcessorTimes> before = Optional.empty();

  MeasuredCgroup(Path path, CgroupGauge gauge, ProcMachine machine, Clock clock) {
    this.path = path;
    this.gauge = gauge;
    this.machine = machine;
    this.clock = clock;
  }

  @Override
  public String path() {
    return path.resolve(INNER).toString();
  }

  @Override
  public void begin() {
    before = machine.processorTimes();
    sampling = Optional.of(Sampling.start(gauge, Sampling.Pace.OF_STEPS, clock));
  }

  @Override
  public Optional<StepUsage> usage() {
    return sampling
        .map(Sampling::withLast)
        .filter(samples -> !samples.isEmpty())
        .map(
            samples ->
                new StepUsage(
                    samples,
                    before.flatMap(then -> machine.processorTimes().map(now -> now.since(then)))));
  }

  @Override
  public void close() {
    sampling.ifPresent(Sampling::close);
    remove(gauge.directory());
  }

  /// Removes the cgroup of a step that has ended.
  static void remove(Path directory) {
    try {
      Files.deleteIfExists(directory.resolve(INNER));
      Files.deleteIfExists(directory);
    } catch (IOException busy) {
      log.debug("cgroup {} is not removed: {}", directory, busy.getMessage());
    }
  }
}
