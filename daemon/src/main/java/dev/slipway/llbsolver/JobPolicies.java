package dev.slipway.llbsolver;

import dev.slipway.llb.Definition;
import dev.slipway.solver.JobId;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Which source policies hold for which job, for definitions that are found inside builds and for
/// steps at work. Thread-safe.
public final class JobPolicies {
  private final Map<JobId, Terms> byJob = new ConcurrentHashMap<>();

  private record Terms(SourcePolicies policies, NetworkAccess access) {}

  /// Caller closes when the job has ended.
  Registration register(JobId job, SourcePolicies policies, NetworkAccess access) {
    Terms terms = new Terms(policies, access);
    byJob.put(job, terms);
    return () -> byJob.remove(job, terms);
  }

  /// How steps that all these jobs want reach the network.
  NetworkAccess access(List<JobId> jobs) {
    return terms(jobs).map(Terms::access).reduce(NetworkAccess.DIRECT, NetworkAccess::and);
  }

  /// What a step may fetch, and from where, if every one of these jobs allows it.
  URI check(String method, URI wanted, List<JobId> jobs) {
    URI now = wanted;
    for (Terms terms : terms(jobs).toList()) {
      now = terms.policies().check(method, now);
    }
    return now;
  }

  private Stream<Terms> terms(List<JobId> jobs) {
    return jobs.stream().flatMap(job -> Optional.ofNullable(byJob.get(job)).stream());
  }

  /// The definition as every one of these jobs wants it.
  Definition apply(Definition definition, List<JobId> jobs) {
    Definition now = definition;
    for (Terms terms : terms(jobs).toList()) {
      now = terms.policies().apply(now, List.of());
    }
    return now;
  }

  @FunctionalInterface
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
