package dev.slipway.ref;

import dev.slipway.oci.Digest;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.RefStore.PrunePolicy;
import dev.slipway.task.Clock;
import dev.slipway.task.Interruption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// One run of a prune policy, with BuildKit's meaning (`cache/manager.go`, v0.32.2): leaves only,
/// round after round; with a size cap those least recently and least often used go first, one after
/// the other, until the cap holds.
///
/// Takes small steps: nothing is locked between removals, and what comes into use meanwhile stays.
final class Pruning {
  private static final int BATCH = 64;

  private final Removal removal;
  private final RefGraph graph;
  private final Ledger ledger;
  private final Trees trees;
  private final Clock clock;

  Pruning(Removal removal, RefGraph graph, Ledger ledger, Trees trees, Clock clock) {
    this.removal = removal;
    this.graph = graph;
    this.ledger = ledger;
    this.trees = trees;
    this.clock = clock;
  }

  /// As BuildKit counts for who asks to prune: what records have for themselves.
  void run(PrunePolicy policy, Consumer<RefInfo> removed) {
    ledger.measure();
    run(policy, isCapped(policy) ? ownBytes() : 0, removed);
  }

  private long ownBytes() {
    return ledger.infos(removal.shared()).stream()
        .filter(info -> !info.shared())
        .mapToLong(RefInfo::bytes)
        .sum();
  }

  private static boolean isCapped(PrunePolicy policy) {
    return policy.maxUsedBytes() != 0 || policy.reservedBytes() != 0 || policy.minFreeBytes() != 0;
  }

  /// @param usedBytes what the policy's limits are compared with
  void run(PrunePolicy policy, long usedBytes, Consumer<RefInfo> removed) {
    Predicate<Digest> shared = removal.shared();
    UsageFilter filter = UsageFilter.parse(policy.filters());
    long total = usedBytes;
    boolean capped = isCapped(policy);
    long keep = capped ? keepBytes(policy, total) : 0;
    while (keep == 0 || total >= keep) {
      List<Candidate> candidates = candidates(policy, filter, shared);
      if (candidates.isEmpty()) {
        return;
      }
      List<Candidate> round =
          keep == 0
              ? candidates.subList(0, Math.min(BATCH, candidates.size()))
              : leastWorth(candidates);
      boolean any = false;
      for (Candidate candidate : round) {
        if (keep != 0 && total < keep) {
          return;
        }
        Interruption.check();
        if (removal.remove(candidate.record())) {
          any = true;
          total -= candidate.info().bytes();
          removed.accept(candidate.info());
        }
      }
      if (!any && candidates.size() <= round.size()) {
        return;
      }
    }
  }

  private long keepBytes(PrunePolicy policy, long total) {
    long free = policy.minFreeBytes() == 0 ? 0 : trees.freeBytes().getAsLong();
    return keepBytes(policy, total, free);
  }

  /// How much may stay; 0 means no cap.
  static long keepBytes(PrunePolicy policy, long total, long free) {
    long keep = policy.maxUsedBytes();
    long excess = policy.minFreeBytes() - free;
    if (excess > 0) {
      keep = keep == 0 ? total - excess : Math.min(keep, total - excess);
    } else if (policy.minFreeBytes() != 0 && keep == 0) {
      keep = Long.MAX_VALUE; // enough is free, and nothing else limits
    }
    return Math.max(keep, policy.reservedBytes());
  }

  private List<Candidate> candidates(
      PrunePolicy policy, UsageFilter filter, Predicate<Digest> shared) {
    Instant cutOff = clock.now().minus(policy.keepDuration());
    return graph.inspect(
        () -> {
          List<Candidate> candidates = new ArrayList<>();
          for (RefRecord record : graph.all()) {
            if (!record.removable()
                || usedSince(record, policy.keepDuration(), cutOff)
                || (!policy.all() && isProtected(record, shared))) {
              continue;
            }
            RefInfo info = ledger.info(record, false, shared);
            if (filter.matches(info)) {
              candidates.add(new Candidate(record, info));
            }
          }
          return candidates;
        });
  }

  private static boolean usedSince(RefRecord record, Duration keep, Instant cutOff) {
    return !keep.isZero() && record.lastUsedAt.filter(used -> used.isAfter(cutOff)).isPresent();
  }

  private static boolean isProtected(RefRecord record, Predicate<Digest> shared) {
    RecordType type = record.description.type();
    return type == RecordType.INTERNAL
        || type == RecordType.FRONTEND
        || Ledger.isShared(record, shared);
  }

  /// A few of those worth least; ranks are taken anew for the next ones, since removing leaves
  /// makes others leaves.
  static List<Candidate> leastWorth(List<Candidate> candidates) {
    List<Candidate> sorted = new ArrayList<>(candidates);
    sorted.sort(
        Comparator.comparing(candidate -> candidate.info().lastUsedAt().orElse(Instant.MIN)));
    Map<Candidate, Double> age = new HashMap<>();
    double oldest = 1;
    Instant last = Instant.MIN;
    for (Candidate candidate : sorted) {
      Instant used = candidate.info().lastUsedAt().orElse(Instant.MIN);
      if (used.isAfter(last)) {
        last = used;
        oldest++;
      }
      age.put(candidate, oldest);
    }
    sorted.sort(Comparator.comparingInt(candidate -> candidate.info().usageCount()));
    Map<Candidate, Double> uses = new HashMap<>();
    double most = 1;
    int count = 0;
    for (Candidate candidate : sorted) {
      if (candidate.info().usageCount() != count) {
        count = candidate.info().usageCount();
        most++;
      }
      uses.put(candidate, most);
    }
    double ages = oldest;
    double counts = most;
    sorted.sort(
        Comparator.comparingDouble(
            candidate ->
                age.getOrDefault(candidate, ages) / ages
                    + uses.getOrDefault(candidate, counts) / counts));
    return sorted.subList(0, Math.max(1, sorted.size() / BATCH));
  }

  record Candidate(RefRecord record, RefInfo info) {}
}
