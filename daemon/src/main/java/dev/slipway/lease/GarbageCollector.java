package dev.slipway.lease;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies the rules in the background. Two tasks do:
///
/// - One applies all rules a second after the start, after a build ended, and while builds add to
///   what is kept.
/// - The other sees to it that limits on the whole hold while builds run, whatever they write, and
///   wherever they do. What is used it learns by counting, which takes time, and between counts by
///   how much of the disk's free space has gone since, which takes none. So it looks twenty times a
///   second, and collects at once when a limit is near.
///
/// Looking takes at most a twentieth of the time, unless it gains something.
///
/// Guarded by its monitor, which is not held while something is collected; `round` lets one task
/// collect at a time.
public final class GarbageCollector implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GarbageCollector.class);
  private static final Duration SETTLE = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration GLANCE = Duration.ofMillis(50);
  private static final int SHARE = 20;

  private final List<GcPolicy> policies;
  private final Collection collection;
  private final Occupancy occupancy;
  private final Runnable afterwards;
  private final Clock clock;
  private final TaskScope background = TaskScope.open("garbage collection");
  private final Object round = new Object();
  private boolean wanted = true;
  private int building;
  private long rounds;

  /// What was last counted; guarded by `round`.
  private Count count = new Count(0, 0);

  /// What applying a rule means.
  @FunctionalInterface
  public interface Collection {
    /// Applies one rule, in small steps, ending early when interrupted.
    ///
    /// @param usedBytes what is used now
    void apply(GcPolicy rule, long usedBytes);
  }

  /// @param freeBytes what was free when the counting began
  private record Count(long usedBytes, long freeBytes) {}

  private GarbageCollector(
      List<GcPolicy> policies,
      Collection collection,
      Occupancy occupancy,
      Runnable afterwards,
      Clock clock) {
    this.policies = List.copyOf(policies);
    this.collection = collection;
    this.occupancy = occupancy;
    this.afterwards = afterwards;
    this.clock = clock;
  }

  /// Starts collecting. Caller closes.
  ///
  /// @param policies in the order they are applied; none: nothing is ever collected
  /// @param afterwards run after each round of all rules: what else is to be tidied
  public static GarbageCollector start(
      List<GcPolicy> policies,
      Collection collection,
      Occupancy occupancy,
      Runnable afterwards,
      Clock clock) {
    GarbageCollector collector =
        new GarbageCollector(policies, collection, occupancy, afterwards, clock);
    collector.background.forkAction(collector::tidyAgainAndAgain);
    if (!policies.isEmpty()) {
      collector.background.forkAction(collector::watch);
    }
    return collector;
  }

  /// Says that a build begins; its end is told, too.
  public synchronized void buildStarted() {
    building++;
    notifyAll();
  }

  /// Says that a build ended.
  public synchronized void buildEnded() {
    building = Math.max(0, building - 1);
    want();
  }

  /// Says that more is kept than before.
  public void grown() {
    want();
  }

  private synchronized void want() {
    wanted = true;
    notifyAll();
  }

  public List<GcPolicy> policies() {
    return policies;
  }

  /// How often all rules were applied since the start.
  public synchronized long rounds() {
    return rounds;
  }

  private void tidyAgainAndAgain() throws InterruptedException {
    while (true) {
      synchronized (this) {
        while (!wanted) {
          wait();
        }
        wanted = false;
      }
      clock.sleep(SETTLE);
      Instant start = clock.now();
      synchronized (round) {
        if (!policies.isEmpty()) {
          attempt("counting what is used", this::recount);
          collect(_ -> true);
        }
        attempt("tidying after garbage collection", afterwards);
      }
      Duration busy = shareOf(start);
      synchronized (this) {
        rounds++;
        notifyAll();
      }
      clock.sleep(busy.compareTo(PAUSE) > 0 ? busy : PAUSE);
    }
  }

  private void watch() throws InterruptedException {
    while (true) {
      synchronized (this) {
        while (building == 0) {
          wait();
        }
      }
      clock.sleep(relieve());
    }
  }

  /// @return how long nothing need be looked at
  private Duration relieve() {
    synchronized (round) {
      if (!isPressed()) {
        return GLANCE;
      }
      Instant start = clock.now();
      attempt("counting what is used", this::recount);
      collect(this::isPressing);
      Duration busy = shareOf(start);
      return isPressed() && busy.compareTo(GLANCE) > 0 ? busy : GLANCE;
    }
  }

  private Duration shareOf(Instant start) {
    return Duration.between(start, clock.now()).multipliedBy(SHARE);
  }

  private boolean isPressed() {
    return policies.stream().anyMatch(this::isPressing);
  }

  private boolean isPressing(GcPolicy policy) {
    long free = occupancy.freeBytes();
    return policy.isPressing(usedWith(free), free);
  }

  private long usedWith(long freeBytes) {
    return count.usedBytes() + count.freeBytes() - freeBytes;
  }

  private void recount() {
    long free = occupancy.freeBytes();
    count = new Count(occupancy.usedBytes(), free);
  }

  /// A rule that fails does not keep the others from being applied, nor the next round.
  private void collect(Predicate<GcPolicy> applicable) {
    for (GcPolicy policy : policies) {
      attempt(
          "garbage collection by rule " + policy,
          () -> {
            if (applicable.test(policy)) {
              collection.apply(policy, usedWith(occupancy.freeBytes()));
            }
          });
    }
  }

  private static void attempt(String what, Runnable work) {
    try {
      work.run();
    } catch (Cancelled stopped) {
      throw stopped;
    } catch (BuildFailure failed) {
      log.warn("{} failed: {}", what, failed.text());
    }
  }

  /// Stops a running collection and waits for its end.
  @Override
  public void close() {
    background.close();
  }
}
