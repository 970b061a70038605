package dev.slipway.llbsolver;

import dev.slipway.llb.Definition;
import dev.slipway.solver.JobId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Which source policies hold for which job, for definitions that are found inside builds.
/// Thread-safe.
public final class JobPolicies {
  private final Map<JobId, SourcePolicies> byJob = new ConcurrentHashMap<>();

  /// Caller closes when the job has ended.
  Registration register(JobId job, SourcePolicies policies) {
    byJob.put(job, policies);
    return () -> byJob.remove(job, policies);
  }

  /// The definition as every one of these jobs wants it.
  Definition apply(Definition definition, List<JobId> jobs) {
    Definition now = definition;
    for (JobId job : jobs) {
      SourcePolicies policies = byJob.get(job);
      if (policies != null) {
        now = policies.apply(now, List.of());
      }
    }
    return now;
  }

  @FunctionalInterface
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
