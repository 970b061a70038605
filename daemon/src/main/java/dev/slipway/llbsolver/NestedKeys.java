package dev.slipway.llbsolver;

import dev.slipway.solver.CacheKey;
import dev.slipway.solver.JobId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// By which keys the results of definitions found inside running builds can be found again: the
/// caches of a build have them beside its own. Thread-safe.
public final class NestedKeys {
  private final Map<JobId, List<List<CacheKey>>> byJob = new ConcurrentHashMap<>();

  /// Collects for a job until it has ended. Caller closes.
  Collecting collect(JobId job) {
    byJob.put(job, new CopyOnWriteArrayList<>());
    return () -> byJob.remove(job);
  }

  /// Notes the keys of one result for those of the jobs that are collecting.
  void add(List<JobId> jobs, List<CacheKey> keys) {
    jobs.forEach(job -> Optional.ofNullable(byJob.get(job)).ifPresent(all -> all.add(keys)));
  }

  /// The keys of each result so far.
  List<List<CacheKey>> of(JobId job) {
    return List.copyOf(byJob.getOrDefault(job, List.of()));
  }

  @FunctionalInterface
  interface Collecting extends AutoCloseable {
    @Override
    void close();
  }
}
