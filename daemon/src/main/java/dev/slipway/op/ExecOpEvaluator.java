package dev.slipway.op;

import dev.slipway.device.DeviceRegistry;
import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerSpec.LinuxResources;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.Executor.ExitStatus;
import dev.slipway.executor.NetworkProxy;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Fact;
import dev.slipway.failure.ProcessFailed;
import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecMeta.ProxyEnv;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.ExecOp.CdiDevice;
import dev.slipway.llb.Mount;
import dev.slipway.llb.OpMetadata;
import dev.slipway.op.ExecCacheMap.InputPart;
import dev.slipway.op.StepProcess.Isolation;
import dev.slipway.progress.ProgressEvent.LogStream;
import dev.slipway.proxy.Fetches;
import dev.slipway.proxy.StepProxy;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.solver.CacheMap;
import dev.slipway.solver.CacheMap.Input;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Evaluator;
import dev.slipway.solver.JobId;
import dev.slipway.usage.StepUsage;
import dev.slipway.worker.Worker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Runs a step: one process in a container, its mounts turned into outputs.
final class ExecOpEvaluator implements Evaluator<RefResult> {
  private final ExecOp op;
  private final LlbVertex vertex;
  private final OpServices services;
  private final Consumer<Fetches> fetched;
  private final Consumer<StepUsage> used;

  /// @param fetched told what the step fetched, if it could only by the proxy
  /// @param used told what the step used, if that was measured
  ExecOpEvaluator(
      ExecOp op,
      LlbVertex vertex,
      OpServices services,
      Consumer<Fetches> fetched,
      Consumer<StepUsage> used) {
    this.op = op;
    this.vertex = vertex;
    this.services = services;
    this.fetched = fetched;
    this.used = used;
  }

  @Override
  public CacheMap<RefResult> cacheMap(EvaluationContext context, int number) {
    InputKeys keys = InputKeys.of(vertex, services);
    List<Input<RefResult>> inputs = new ArrayList<>();
    for (InputPart part : ExecCacheMap.inputs(op, vertex.inputCount())) {
      inputs.add(keys.selected(inputs.size(), part.selector(), part.content()));
    }
    return new CacheMap<>(ExecCacheMap.digest(op, vertex.platform()), inputs, true, true);
  }

  @Override
  public List<RefResult> execute(EvaluationContext context, List<RefResult> inputs) {
    FetchContext fetch = services.sessions().fetchContext(context);
    Worker worker = services.workers().forPlatform(vertex.platform());
    try (ExecMounts mounts = ExecMounts.prepare(wanted(), inputs, services, fetch)) {
      try {
        ExitStatus status = run(worker, mounts, fetch, context);
        status.usage().ifPresent(used);
        requireSuccess(status);
      } catch (Cancelled cancelled) {
        throw cancelled;
      } catch (BuildFailure failure) {
        throw FailedStates.added(failure, () -> statesToDebug(mounts, inputs, context.jobs()));
      }
      return mounts.commit();
    }
  }

  private ExitStatus run(
      Worker worker, ExecMounts mounts, FetchContext fetch, EvaluationContext context) {
    ProcessIo io =
        ProcessIo.output(
            context.progress().log(LogStream.STDOUT), context.progress().log(LogStream.STDERR));
    Optional<StepProxy> proxy =
        vertex.proxied() ? Optional.of(services.networks().proxy(context::jobs)) : Optional.empty();
    try {
      return worker
          .executor()
          .run(
              container(mounts).withProxy(proxy.map(NetworkProxy.class::cast)), process(fetch), io);
    } finally {
      proxy.ifPresent(asked -> tell(asked.fetches(), context));
    }
  }

  private void tell(Fetches fetches, EvaluationContext context) {
    fetched.accept(fetches);
    byte[] summary = fetches.summary().getBytes(StandardCharsets.UTF_8);
    context.progress().log(LogStream.STDERR, summary, 0, summary.length);
  }

  private ExecMounts.Wanted wanted() {
    ExecMeta meta = op.meta();
    return new ExecMounts.Wanted(op.mounts(), meta.cwd(), "exec " + String.join(" ", meta.args()));
  }

  /// What the mounts were before and are after the failed process; one of each a mount.
  private Fact.SolveInputs statesToDebug(
      ExecMounts mounts, List<RefResult> inputs, List<JobId> jobs) {
    FailedStates states = services.failedStates();
    List<String> before = new ArrayList<>();
    for (Mount mount : op.mounts()) {
      Optional<ImmutableRef> input =
          mount.input().isPresent() ? inputs.get(mount.input().getAsInt()).ref() : Optional.empty();
      before.add(states.keep(jobs, input));
    }
    List<String> after = new ArrayList<>();
    for (RefResult tree : mounts.commitFailed()) {
      try (tree) {
        after.add(states.keep(jobs, tree.ref()));
      }
    }
    byte[] encoded = vertex.vertex().encoded().toByteArray();
    return new Fact.SolveInputs(before, after, encoded, Optional.empty(), "");
  }

  private void requireSuccess(ExitStatus status) {
    List<Integer> valid = op.meta().validExitCodes();
    boolean success = valid.isEmpty() ? status.exitCode() == 0 : valid.contains(status.exitCode());
    if (!success) {
      String process =
          "process "
              + GoText.quote(String.join(" ", op.meta().args()))
              + " did not complete successfully";
      String memory = status.outOfMemory() ? " (the kernel killed it for lack of memory)" : "";
      throw new ProcessFailed(
          process + ": exit code: " + status.exitCode() + memory, status.exitCode());
    }
  }

  private ContainerSpec container(ExecMounts mounts) {
    LinuxResources resources =
        vertex
            .vertex()
            .metadata()
            .linuxResources()
            .map(ExecOpEvaluator::resources)
            .orElse(LinuxResources.UNLIMITED);
    return StepProcess.container(
        new Isolation(vertex.platform(), op.network(), op.security(), resources, devices()),
        mounts,
        op.meta());
  }

  private DeviceEdits devices() {
    if (op.cdiDevices().isEmpty()) {
      return DeviceEdits.NONE;
    }
    DeviceRegistry registry = services.devices();
    Set<String> names = new LinkedHashSet<>();
    for (CdiDevice device : op.cdiDevices()) {
      names.addAll(
          device.optional() ? registry.find(device.name()) : registry.require(device.name()));
    }
    return registry.edits(names);
  }

  private static LinuxResources resources(OpMetadata.LinuxResources limits) {
    return new LinuxResources(
        limits.memory(),
        limits.memorySwap(),
        limits.cpuShares(),
        limits.cpuPeriod(),
        limits.cpuQuota(),
        limits.cpusetCpus(),
        limits.cpusetMems());
  }

  private ProcessSpec process(FetchContext fetch) {
    ExecMeta meta = op.meta();
    List<String> env = new ArrayList<>(meta.env());
    meta.proxyEnv().ifPresent(proxy -> addProxy(env, proxy));
    env.addAll(
        StepProcess.secretVariables(op.secretEnv(), services.clientMounts(), fetch.sessions()));
    return new ProcessSpec(meta.args(), env, meta.cwd(), meta.user(), false);
  }

  private static void addProxy(List<String> env, ProxyEnv proxy) {
    addBoth(env, "HTTP_PROXY", proxy.httpProxy());
    addBoth(env, "HTTPS_PROXY", proxy.httpsProxy());
    addBoth(env, "FTP_PROXY", proxy.ftpProxy());
    addBoth(env, "NO_PROXY", proxy.noProxy());
    addBoth(env, "ALL_PROXY", proxy.allProxy());
  }

  private static void addBoth(List<String> env, String name, String value) {
    if (!value.isEmpty()) {
      env.add(name + "=" + value);
      env.add(name.toLowerCase(java.util.Locale.ROOT) + "=" + value);
    }
  }

  @Override
  public Resource resource() {
    return services.workers().forPlatform(vertex.platform()).emulates(vertex.platform())
        ? Resource.EMULATED_STEP
        : Resource.STEP;
  }
}
