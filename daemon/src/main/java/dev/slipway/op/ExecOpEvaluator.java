package dev.slipway.op;

import dev.slipway.device.DeviceRegistry;
import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerSpec.ExtraHost;
import dev.slipway.executor.ContainerSpec.LinuxResources;
import dev.slipway.executor.ContainerSpec.MountStubs;
import dev.slipway.executor.ContainerSpec.Network;
import dev.slipway.executor.ContainerSpec.ResourceLimit;
import dev.slipway.executor.ContainerSpec.Security;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.Executor.ExitStatus;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.ProcessFailed;
import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecMeta.ProxyEnv;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.ExecOp.CdiDevice;
import dev.slipway.llb.ExecOp.SecretEnv;
import dev.slipway.llb.OpMetadata;
import dev.slipway.op.ExecCacheMap.InputPart;
import dev.slipway.progress.ProgressEvent.LogStream;
import dev.slipway.ref.FetchContext;
import dev.slipway.solver.CacheMap;
import dev.slipway.solver.CacheMap.Input;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Evaluator;
import dev.slipway.worker.Worker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// Runs a step: one process in a container, its mounts turned into outputs.
final class ExecOpEvaluator implements Evaluator<RefResult> {
  private final ExecOp op;
  private final LlbVertex vertex;
  private final OpServices services;

  ExecOpEvaluator(ExecOp op, LlbVertex vertex, OpServices services) {
    this.op = op;
    this.vertex = vertex;
    this.services = services;
  }

  @Override
  public CacheMap<RefResult> cacheMap(EvaluationContext context, int number) {
    InputKeys keys = new InputKeys(services.hasher(), services.sessions());
    List<Input<RefResult>> inputs = new ArrayList<>();
    for (InputPart part : ExecCacheMap.inputs(op, vertex.inputCount())) {
      inputs.add(keys.selected(part.selector(), part.content()));
    }
    return new CacheMap<>(ExecCacheMap.digest(op, vertex.platform()), inputs, true, true);
  }

  @Override
  public List<RefResult> execute(EvaluationContext context, List<RefResult> inputs) {
    FetchContext fetch = services.sessions().fetchContext(context);
    Worker worker = services.workers().forPlatform(vertex.platform());
    try (ExecMounts mounts = ExecMounts.prepare(op, inputs, services, fetch)) {
      ProcessIo io =
          ProcessIo.output(
              context.progress().log(LogStream.STDOUT), context.progress().log(LogStream.STDERR));
      ExitStatus status = worker.executor().run(container(mounts), process(fetch), io);
      requireSuccess(status);
      return mounts.commit();
    }
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
    ExecMeta meta = op.meta();
    return new ContainerSpec(
        containerId(),
        vertex.platform(),
        mounts.root(),
        mounts.rootReadOnly(),
        mounts.mounts(),
        meta.hostname(),
        meta.extraHosts().stream().map(host -> new ExtraHost(host.host(), host.ip())).toList(),
        switch (op.network()) {
          case SANDBOX -> Network.SANDBOX;
          case HOST -> Network.HOST;
          case NONE -> Network.NONE;
        },
        switch (op.security()) {
          case SANDBOX -> Security.SANDBOX;
          case INSECURE -> Security.INSECURE;
        },
        meta.ulimits().stream()
            .map(limit -> new ResourceLimit(limit.name(), limit.soft(), limit.hard()))
            .toList(),
        Optional.of(meta.cgroupParent()).filter(parent -> !parent.isEmpty()),
        vertex
            .vertex()
            .metadata()
            .linuxResources()
            .map(ExecOpEvaluator::resources)
            .orElse(LinuxResources.UNLIMITED),
        devices(),
        meta.removeMountStubsRecursive() ? MountStubs.REMOVE_RECURSIVELY : MountStubs.REMOVE);
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

  private static String containerId() {
    byte[] random = new byte[12];
    ThreadLocalRandom.current().nextBytes(random);
    return HexFormat.of().formatHex(random);
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
    for (SecretEnv secret : op.secretEnv()) {
      secretVariable(secret, fetch).ifPresent(env::add);
    }
    return new ProcessSpec(meta.args(), env, meta.cwd(), meta.user(), false);
  }

  private Optional<String> secretVariable(SecretEnv secret, FetchContext fetch) {
    if (secret.id().isEmpty()) {
      throw new InvalidRequest(
          "secret ID missing for \"" + secret.name() + "\" environment variable");
    }
    Optional<byte[]> value = services.clientMounts().secretValue(secret.id(), fetch.sessions());
    if (value.isEmpty() && !secret.optional()) {
      throw new NotFound("secret " + secret.id() + ": not found");
    }
    String text = value.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("");
    return Optional.of(secret.name() + "=" + text);
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
