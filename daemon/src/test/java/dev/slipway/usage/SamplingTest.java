package dev.slipway.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.task.Clock;
import dev.slipway.task.Interruption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SamplingTest {
  private static final Sampling.Pace PACE = new Sampling.Pace(Duration.ofSeconds(2), 10);

  @Test
  void whatIsOverSoonIsLookedAtOnce() {
    try (Sampling<Instant> sampling = Sampling.start(Optional::of, PACE, new SteppedClock(0))) {
      assertThat(sampling.withLast()).containsExactly(Instant.EPOCH);
    }
  }

  @Test
  void looksEveryInterval() throws InterruptedException {
    SteppedClock clock = new SteppedClock(3);
    try (Sampling<Instant> sampling = Sampling.start(Optional::of, PACE, clock)) {
      clock.awaitSteps();

      assertThat(sampling.withLast()).containsExactly(at(2), at(4), at(6), at(6));
    }
  }

  @Test
  void looksLessOftenTheLongerItLasts() throws InterruptedException {
    SteppedClock clock = new SteppedClock(16);
    try (Sampling<Instant> sampling = Sampling.start(Optional::of, PACE, clock)) {
      clock.awaitSteps();

      assertThat(sampling.withLast())
          .containsExactly(at(8), at(16), at(24), at(32), at(40), at(48), at(48));
    }
  }

  @Test
  void keepsNoMoreHoweverLongItLasts() {
    SampleSeries<Integer> series = new SampleSeries<>(Duration.ofSeconds(2), 10);
    for (int i = 0; i < 200; i++) {
      series.add(i);
      assertThat(series.samples()).hasSizeLessThan(10);
    }

    assertThat(series.samples()).isSorted().hasSizeGreaterThanOrEqualTo(5);
  }

  @Test
  void whatCannotBeSeenIsLeftOut() {
    try (Sampling<Object> sampling =
        Sampling.start(_ -> Optional.empty(), PACE, new SteppedClock(0))) {
      assertThat(sampling.withLast()).isEqualTo(List.of());
    }
  }

  private static Instant at(int seconds) {
    return Instant.EPOCH.plusSeconds(seconds);
  }

  /// Time passes by sleeping only, and only so often; who sleeps once more does so until
  /// interrupted.
  private static final class SteppedClock implements Clock {
    private final int steps;
    private final Semaphore over = new Semaphore(0);
    private Instant now = Instant.EPOCH;
    private int taken;

    SteppedClock(int steps) {
      this.steps = steps;
    }

    void awaitSteps() throws InterruptedException {
      over.acquire();
    }

    @Override
    public synchronized Instant now() {
      return now;
    }

    @Override
    public void sleep(Duration duration) {
      synchronized (this) {
        if (taken++ < steps) {
          now = now.plus(duration);
          return;
        }
      }
      over.release();
      try {
        Thread.sleep(Duration.ofDays(1));
      } catch (InterruptedException interrupted) {
        throw Interruption.cancelled(interrupted);
      }
    }
  }
}
