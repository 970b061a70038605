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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class GarbageCollectorTest {
  private static final List<GcPolicy> POLICIES = GcPolicy.defaults(new Limits(1, 2, 3));

  private static final Duration GLANCE = Duration.ofMillis(50);

  private final BlockingQueue<GcPolicy> collected = new LinkedBlockingQueue<>();
  private final SteppedClock clock = new SteppedClock();
  private final ScriptedDisk disk = new ScriptedDisk();

  /// A disk whose free space shrinks as the test says; what was counted is what has gone from it.
  private static final class ScriptedDisk implements Occupancy {
    private static final long SIZE = 1_000_000;
    final AtomicLong used = new AtomicLong();
    final AtomicInteger counts = new AtomicInteger();

    @Override
    public long usedBytes() {
      counts.incrementAndGet();
      return used.get();
    }

    @Override
    public long freeBytes() {
      return SIZE - used.get();
    }
  }

  /// Every sleep ends when the test says so; the test sees how long it would have been.
  private static final class SteppedClock implements Clock {
    private final SynchronousQueue<Duration> sleeps = new SynchronousQueue<>();

    private volatile Instant now = Instant.EPOCH;

    @Override
    public Instant now() {
      return now;
    }

    void pass(Duration duration) {
      now = now.plus(duration);
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
        GarbageCollector.start(POLICIES, (rule, _) -> collected.add(rule), disk, () -> {}, clock)) {
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
        GarbageCollector.start(
            POLICIES, (rule, _) -> collected.add(rule), disk, () -> tidied.add("tidied"), clock)) {
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
            (policy, _) -> {
              tried.add(policy);
              if (tried.size() == POLICIES.size()) {
                last.countDown();
              }
              throw new WrongState("disk on fire");
            },
            disk,
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
  void collectsAtOnceWhenALimitIsNearWhileABuildRuns() throws InterruptedException {
    GcPolicy cap = new GcPolicy(true, List.of(), Duration.ZERO, 0, 16_000, 0);
    GcPolicy onlySome =
        new GcPolicy(true, List.of("type==source.local"), Duration.ZERO, 0, 16_000, 0);
    BlockingQueue<Long> usedThen = new LinkedBlockingQueue<>();
    GarbageCollector.Collection collection =
        (rule, used) -> {
          collected.add(rule);
          usedThen.add(used);
          disk.used.set(10_000);
        };
    try (GarbageCollector collector =
        GarbageCollector.start(List.of(onlySome, cap), collection, disk, () -> {}, clock)) {
      clock.endSleep();
      assertThat(List.of(collected.take(), collected.take())).containsExactly(onlySome, cap);
      assertThat(clock.endSleep()).as("the rounds pause").isEqualTo(Duration.ofSeconds(1));
      usedThen.clear();
      int counted = disk.counts.get();

      collector.buildStarted();
      disk.used.set(15_000);
      assertThat(clock.endSleep()).as("a glance, enough left").isEqualTo(GLANCE);
      disk.used.set(15_001);
      assertThat(clock.endSleep()).isEqualTo(GLANCE);

      assertThat(collected.take()).isEqualTo(cap);
      assertThat(usedThen.take()).isEqualTo(15_001);
      assertThat(disk.counts).hasValue(counted + 1);
      assertThat(collected).isEmpty();
    }
  }

  @Test
  void looksLessOftenWhereNothingIsGained() throws InterruptedException {
    GcPolicy cap = new GcPolicy(true, List.of(), Duration.ZERO, 0, 16_000, 0);
    disk.used.set(20_000);
    GarbageCollector.Collection inUse =
        (rule, _) -> {
          collected.add(rule);
          clock.pass(Duration.ofMillis(10));
        };
    try (GarbageCollector collector =
        GarbageCollector.start(List.of(cap), inUse, disk, () -> {}, clock)) {
      clock.endSleep();
      collected.take();
      clock.endSleep();

      collector.buildStarted();

      collected.take();
      assertThat(clock.endSleep()).isEqualTo(Duration.ofMillis(200));
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
            (_, _) -> {
              running.countDown();
              try {
                never.await();
              } catch (InterruptedException interrupted) {
                ended.add("interrupted");
                throw Interruption.cancelled(interrupted);
              }
            },
            disk,
            () -> {},
            clock);
    clock.endSleep();
    running.await();

    collector.close();

    assertThat(ended).containsExactly("interrupted");
  }
}
