package dev.slipway.llbsolver;

import dev.slipway.op.StepNetworks;
import dev.slipway.proxy.StepProxies;
import dev.slipway.proxy.StepProxy;
import dev.slipway.solver.JobId;
import java.util.List;
import java.util.function.Supplier;

/// Lets steps reach what the source policies of all builds that want them allow. Thread-safe.
public final class ProxiedNetworks implements StepNetworks {
  private final StepProxies proxies;
  private final JobPolicies policies;

  public ProxiedNetworks(StepProxies proxies, JobPolicies policies) {
    this.proxies = proxies;
    this.policies = policies;
  }

  @Override
  public StepProxy proxy(Supplier<List<JobId>> jobs) {
    return proxies.proxy((method, wanted) -> policies.check(method, wanted, jobs.get()));
  }
}
