package dev.slipway.app;

import dev.slipway.app.DaemonServices.Foundation;
import dev.slipway.lease.GarbageCollector;
import dev.slipway.lease.GcPolicy;
import dev.slipway.ref.RefStore.PrunePolicy;
import dev.slipway.ref.SnapshotRefStore;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the root within the limits that the operator set, and tells what went and why.
final class SpaceKeeping {
  private static final Logger LOG = LoggerFactory.getLogger(SpaceKeeping.class);

  private final List<GcPolicy> policies;
  private final GarbageCollector collector;

  private SpaceKeeping(List<GcPolicy> policies, GarbageCollector collector) {
    this.policies = policies;
    this.collector = collector;
  }

  static SpaceKeeping start(
      Ground ground, Holdings holdings, Foundation foundation, Lifecycle parts) {
    List<GcPolicy> policies =
        OperatorChoices.collection(
            foundation.config(), ground.kernel().space(foundation.config().root()).totalBytes());
    GarbageCollector collector =
        parts.add(
            "garbage collection",
            GarbageCollector.start(
                policies,
                (rule, usedBytes) -> enforce(holdings.refs(), rule, usedBytes),
                new RootOccupancy(holdings.refs(), ground.kernel(), foundation.config().root()),
                () -> {
                  holdings.hasher().flush();
                  holdings.content().sweepIngests();
                },
                foundation.clock()));
    holdings.refs().onGrown(collector::grown);
    return new SpaceKeeping(policies, collector);
  }

  private static void enforce(SnapshotRefStore refs, GcPolicy rule, long usedBytes) {
    refs.enforce(
        prunePolicy(rule.tightened()),
        usedBytes,
        gone ->
            LOG.info(
                "collected {} ({}, {} bytes, used {} times, last {}), {} bytes being used: {}",
                gone.id(),
                gone.description().type().text(),
                gone.bytes(),
                gone.usageCount(),
                gone.lastUsedAt().map(Object::toString).orElse("never"),
                usedBytes,
                rule));
  }

  private static PrunePolicy prunePolicy(GcPolicy policy) {
    return new PrunePolicy(
        policy.all(),
        policy.filters(),
        policy.keepDuration(),
        policy.reservedBytes(),
        policy.maxUsedBytes(),
        policy.minFreeBytes());
  }

  /// The rules, as workers tell them.
  List<PrunePolicy> rules() {
    return policies.stream().map(SpaceKeeping::prunePolicy).toList();
  }

  void buildStarted() {
    collector.buildStarted();
  }

  void buildEnded() {
    collector.buildEnded();
  }
}
