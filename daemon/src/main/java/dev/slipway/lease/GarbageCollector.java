package dev.slipway.lease;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies the rules in the background: a second after the start, a second after a build ended, at
/// most once a minute (surface reference 9.4).
///
/// Guarded by its monitor, which is not held while something is collected.
public final class GarbageCollector implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GarbageCollector.class);
  private static final Duration SETTLE = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofMinutes(1);

  private final List<GcPolicy> policies;
  private final Consumer<GcPolicy> collection;
  private final Clock clock;
  private final TaskScope background = TaskScope.open("garbage collection");
  private boolean wanted = true;
  private long rounds;

  private GarbageCollector(List<GcPolicy> policies, Consumer<GcPolicy> collection, Clock clock) {
    this.policies = List.copyOf(policies);
    this.collection = collection;
    this.clock = clock;
  }

  /// Starts collecting. Caller closes.
  ///
  /// @param policies in the order they are applied; none: nothing is ever collected
  /// @param collection applies one rule, in small steps, ending early when interrupted
  public static GarbageCollector start(
      List<GcPolicy> policies, Consumer<GcPolicy> collection, Clock clock) {
    GarbageCollector collector = new GarbageCollector(policies, collection, clock);
    collector.background.forkAction(collector::run);
    return collector;
  }

  /// Says that a build ended.
  public synchronized void buildEnded() {
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
      collect();
      synchronized (this) {
        rounds++;
        notifyAll();
      }
      clock.sleep(PAUSE);
    }
  }

  /// A rule that fails does not keep the others from being applied, nor the next round.
  private void collect() {
    for (GcPolicy policy : policies) {
      try {
        collection.accept(policy);
      } catch (Cancelled stopped) {
        throw stopped;
      } catch (BuildFailure failed) {
        log.warn("garbage collection by rule {} failed: {}", policy, failed.text());
      }
    }
  }

  /// Stops a running collection and waits for its end.
  @Override
  public void close() {
    background.close();
  }
}
