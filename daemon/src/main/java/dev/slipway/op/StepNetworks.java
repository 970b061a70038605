package dev.slipway.op;

import dev.slipway.proxy.StepProxy;
import dev.slipway.solver.JobId;
import java.util.List;
import java.util.function.Supplier;

/// Makes the proxy for steps that reach the network through it only.
@FunctionalInterface
public interface StepNetworks {
  /// @param jobs those that want the step; asked anew for each request
  StepProxy proxy(Supplier<List<JobId>> jobs);
}
