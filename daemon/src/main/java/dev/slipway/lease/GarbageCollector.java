package dev.slipway.lease;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies the rules in the background: a second after the start, after a build ended, and while
/// builds add to what is kept, so that limits hold during builds too. Looking takes at most a
/// twentieth of the time.
///
/// Guarded by its monitor, which is not held while something is collected.
public final class GarbageCollector implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GarbageCollector.class);
  private static final Duration SETTLE = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int SHARE = 20;

  private final List<GcPolicy> policies;
  private final Consumer<GcPolicy> collection;
  private final Runnable afterwards;
  private final Clock clock;
  private final TaskScope background = TaskScope.open("garbage collection");
  private boolean wanted = true;
  private long rounds;

  private GarbageCollector(
      List<GcPolicy> policies, Consumer<GcPolicy> collection, Runnable afterwards, Clock clock) {
    this.policies = List.copyOf(policies);
    this.collection = collection;
    this.afterwards = afterwards;
    this.clock = clock;
  }

  /// Starts collecting. Caller closes.
  ///
  /// @param policies in the order they are applied; none: nothing is ever collected
  /// @param collection applies one rule, in small steps, ending early when interrupted
  /// @param afterwards run after each round of all rules: what else is to be tidied
  public static GarbageCollector start(
      List<GcPolicy> policies, Consumer<GcPolicy> collection, Runnable afterwards, Clock clock) {
    GarbageCollector collector = new GarbageCollector(policies, collection, afterwards, clock);
    collector.background.forkAction(collector::run);
    return collector;
  }

  /// Says that a build ended.
  public void buildEnded() {
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

  private void run() throws InterruptedException {
    while (true) {
      synchronized (this) {
        while (!wanted) {
          wait();
        }
        wanted = false;
      }
      clock.sleep(SETTLE);
      Instant start = clock.now();
      collect();
      Duration busy = Duration.between(start, clock.now()).multipliedBy(SHARE);
      synchronized (this) {
        rounds++;
        notifyAll();
      }
      clock.sleep(busy.compareTo(PAUSE) > 0 ? busy : PAUSE);
    }
  }

  /// A rule that fails does not keep the others from being applied, nor the next round.
  private void collect() {
    for (GcPolicy policy : policies) {
      attempt("garbage collection by rule " + policy, () -> collection.accept(policy));
    }
    attempt("tidying after garbage collection", afterwards);
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
