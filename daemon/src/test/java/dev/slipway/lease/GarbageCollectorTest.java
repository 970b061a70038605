package dev.slipway.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.failure.WrongState;
import dev.slipway.lease.GcPolicy.Limits;
import dev.slipway.task.Clock;
import dev.slipway.task.Interruption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;

final class GarbageCollectorTest {
  private static final List<GcPolicy> POLICIES = GcPolicy.defaults(new Limits(1, 2, 3));

  private final BlockingQueue<GcPolicy> collected = new LinkedBlockingQueue<>();
  private final SteppedClock clock = new SteppedClock();

  /// Every sleep ends when the test says so; the test sees how long it would have been.
  private static final class SteppedClock implements Clock {
    private final SynchronousQueue<Duration> sleeps = new SynchronousQueue<>();

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public void sleep(Duration duration) {
      try {
        sleeps.put(duration);
      } catch (InterruptedException interrupted) {
        throw Interruption.cancelled(interrupted);
      }
    }

    Duration endSleep() throws InterruptedException {
      return sleeps.take();
    }
  }

  private void awaitRound() throws InterruptedException {
    for (GcPolicy policy : POLICIES) {
      assertThat(collected.take()).isEqualTo(policy);
    }
  }

  @Test
  void collectsAtStartAndAfterBuildsButNotWithoutAPause() throws InterruptedException {
    try (GarbageCollector collector =
        GarbageCollector.start(POLICIES, collected::add, () -> {}, clock)) {
      assertThat(clock.endSleep()).isEqualTo(Duration.ofSeconds(1));
      awaitRound();

      collector.buildEnded();
      collector.buildEnded();
      assertThat(collected).isEmpty();
      assertThat(clock.endSleep()).isEqualTo(Duration.ofSeconds(1));
      assertThat(clock.endSleep()).isEqualTo(Duration.ofSeconds(1));
      awaitRound();
      assertThat(clock.endSleep()).isEqualTo(Duration.ofSeconds(1));
      assertThat(collector.rounds()).isEqualTo(2);
    }
  }

  @Test
  void collectsWhileBuildsAddToWhatIsKept() throws InterruptedException {
    List<String> tidied = new ArrayList<>();
    try (GarbageCollector collector =
        GarbageCollector.start(POLICIES, collected::add, () -> tidied.add("tidied"), clock)) {
      clock.endSleep();
      awaitRound();
      clock.endSleep();

      collector.grown();

      assertThat(clock.endSleep()).isEqualTo(Duration.ofSeconds(1));
      awaitRound();
      clock.endSleep();
      assertThat(tidied).containsExactly("tidied", "tidied");
    }
  }

  @Test
  void failingRuleKeepsNobodyFromGoingOn() throws InterruptedException {
    List<GcPolicy> tried = new ArrayList<>();
    CountDownLatch last = new CountDownLatch(1);
    try (GarbageCollector collector =
        GarbageCollector.start(
            POLICIES,
            policy -> {
              tried.add(policy);
              if (tried.size() == POLICIES.size()) {
                last.countDown();
              }
              throw new WrongState("disk on fire");
            },
            () -> {},
            clock)) {
      clock.endSleep();
      last.await();
      assertThat(clock.endSleep()).isEqualTo(Duration.ofSeconds(1));
      assertThat(tried).isEqualTo(POLICIES);
      assertThat(collector.policies()).isEqualTo(POLICIES);
    }
  }

  @Test
  void closingEndsARunningCollection() throws InterruptedException {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    List<String> ended = new ArrayList<>();
    GarbageCollector collector =
        GarbageCollector.start(
            POLICIES,
            _ -> {
              running.countDown();
              try {
                never.await();
              } catch (InterruptedException interrupted) {
                ended.add("interrupted");
                throw Interruption.cancelled(interrupted);
              }
            },
            () -> {},
            clock);
    clock.endSleep();
    running.await();

    collector.close();

    assertThat(ended).containsExactly("interrupted");
  }
}
