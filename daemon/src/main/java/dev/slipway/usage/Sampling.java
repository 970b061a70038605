package dev.slipway.usage;

import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks at something from time to time, on a thread of its own, until closed. The first look is
/// one interval after the start, so what is over sooner costs one look in all. Thread-safe.
///
/// @param <S> what is seen at one moment
public final class Sampling<S> implements AutoCloseable {
  private final Gauge<S> gauge;
  private final Clock clock;
  private final SampleSeries<S> series;
  private final TaskScope scope;

  /// What is looked at.
  @FunctionalInterface
  public interface Gauge<S> {
    /// @return empty when there is nothing to see
    Optional<S> sample(Instant at);
  }

  /// How often to look.
  ///
  /// @param interval at first; the longer it lasts, the less often
  /// @param most samples to keep
  public record Pace(Duration interval, int most) {
    /// BuildKit's for steps (`executor/resources/monitor.go`).
    public static final Pace OF_STEPS = new Pace(Duration.ofSeconds(2), 10);

    /// BuildKit's for the machine during a build (`executor/resources/sys_linux.go`).
    public static final Pace OF_BUILDS = new Pace(Duration.ofSeconds(2), 20);
  }

  private Sampling(Gauge<S> gauge, Pace pace, Clock clock) {
    this.gauge = gauge;
    this.clock = clock;
    this.series = new SampleSeries<>(pace.interval(), pace.most());
    this.scope = TaskScope.open("usage");
  }

  /// Caller closes.
  public static <S> Sampling<S> start(Gauge<S> gauge, Pace pace, Clock clock) {
    Sampling<S> sampling = new Sampling<>(gauge, pace, clock);
    sampling.scope.forkAction(sampling::look);
    return sampling;
  }

  /// Until interrupted.
  private void look() {
    while (true) {
      clock.sleep(interval());
      gauge.sample(clock.now()).ifPresent(this::add);
    }
  }

  private synchronized Duration interval() {
    return series.interval();
  }

  private synchronized void add(S sample) {
    series.add(sample);
  }

  /// What was seen so far, and what is to be seen now.
  public List<S> withLast() {
    List<S> samples;
    synchronized (this) {
      samples = new ArrayList<>(series.samples());
    }
    gauge.sample(clock.now()).ifPresent(samples::add);
    return samples;
  }

  /// Looks no more. What was seen can still be asked for.
  @Override
  public void close() {
    scope.close();
  }
}
