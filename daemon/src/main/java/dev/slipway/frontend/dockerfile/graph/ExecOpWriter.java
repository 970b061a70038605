package dev.slipway.frontend.dockerfile.graph;

import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.Input;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.Mount;
import dev.slipway.llb.OpVertex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/// Writes one [ExecNode]. Confined to it.
final class ExecOpWriter {
  private final DefinitionWriter writer;
  private final List<Input> inputs = new ArrayList<>();
  private final TreeSet<String> capabilities = new TreeSet<>();
  private int outputs;

  ExecOpWriter(DefinitionWriter writer) {
    this.writer = writer;
  }

  OpVertex vertex(ExecNode node) {
    List<Mount> mounts = new ArrayList<>();
    for (ExecNode.Mount mount : node.sortedMounts()) {
      mounts.add(mount(mount));
    }
    List<ExecOp.SecretEnv> variables = new ArrayList<>();
    for (ExecNode.Secret secret : node.secrets()) {
      secret
          .variable()
          .ifPresent(
              name -> variables.add(new ExecOp.SecretEnv(secret.id(), name, secret.optional())));
      secret.target().ifPresent(target -> mounts.add(secret(secret, target)));
    }
    node.agents().forEach(agent -> mounts.add(agent(agent)));
    ExecNode.Command process = node.process();
    addCapabilities(
        process, !node.secrets().isEmpty(), !variables.isEmpty(), !node.agents().isEmpty());
    if (node.notes().resources().isPresent()) {
      capabilities.add("exec.meta.linux.resources");
    }
    List<ExecOp.CdiDevice> devices =
        process.devices().stream()
            .map(device -> new ExecOp.CdiDevice(device.name(), device.optional()))
            .toList();
    ExecOp op =
        new ExecOp(
            meta(process),
            mounts,
            network(process.network()),
            process.insecure() ? ExecOp.SecurityMode.INSECURE : ExecOp.SecurityMode.SANDBOX,
            variables,
            devices);
    return LlbEncoder.vertex(
        inputs,
        op,
        Optional.of(node.platform()),
        List.of(),
        writer.metadata(node.notes(), capabilities));
  }

  private void addCapabilities(
      ExecNode.Command process, boolean secrets, boolean variables, boolean agents) {
    capabilities.add("exec.meta.base");
    require(process.setsDefaultPath(), "exec.meta.setsdefaultpath");
    require(!process.limits().isEmpty(), "exec.meta.ulimit");
    require(process.network() != ExecNode.NetworkMode.SANDBOX, "exec.meta.network");
    require(process.insecure(), "exec.meta.security");
    require(process.proxy().isPresent(), "exec.meta.proxyenv");
    require(!process.devices().isEmpty(), "exec.meta.cdi");
    require(secrets, "exec.mount.secret");
    require(variables, "exec.secretenv");
    require(agents, "exec.mount.ssh");
  }

  private void require(boolean used, String capability) {
    if (used) {
      capabilities.add(capability);
    }
  }

  private static ExecOp.NetworkMode network(ExecNode.NetworkMode mode) {
    return switch (mode) {
      case SANDBOX -> ExecOp.NetworkMode.SANDBOX;
      case HOST -> ExecOp.NetworkMode.HOST;
      case NONE -> ExecOp.NetworkMode.NONE;
    };
  }

  private static ExecMeta meta(ExecNode.Command process) {
    return new ExecMeta(
        process.arguments(),
        process.env(),
        process.directory(),
        process.user(),
        process
            .proxy()
            .map(
                proxy ->
                    new ExecMeta.ProxyEnv(
                        proxy.http(), proxy.https(), proxy.ftp(), proxy.none(), proxy.all())),
        process.hosts().stream()
            .map(host -> new ExecMeta.HostIp(host.name(), host.address()))
            .toList(),
        process.hostname(),
        process.limits().stream()
            .map(limit -> new ExecMeta.Ulimit(limit.name(), limit.soft(), limit.hard()))
            .toList(),
        process.cgroupParent(),
        true,
        List.of());
  }

  private Mount mount(ExecNode.Mount mount) {
    require(!mount.path().isEmpty(), "exec.mount.selector");
    OptionalInt input = writer.index(mount.source(), inputs);
    return switch (mount.kind()) {
      case ExecNode.ReadOnly _ -> bind(mount, input, OptionalInt.empty(), true);
      case ExecNode.Discarded _ -> bind(mount, input, OptionalInt.empty(), false);
      case ExecNode.Kept _ -> bind(mount, input, OptionalInt.of(outputs++), false);
      case ExecNode.Cache(String id, ExecNode.Sharing sharing, boolean readOnly) -> {
        capabilities.addAll(List.of("exec.mount.cache", "exec.mount.cache.sharing"));
        yield new Mount.Cache(
            place(mount, input, OptionalInt.empty(), readOnly),
            Optional.of(new Mount.CacheOptions(id, sharing(sharing))));
      }
      case ExecNode.Memory(long size, boolean readOnly) -> {
        capabilities.add("exec.mount.tmpfs");
        require(size > 0, "exec.mount.tmpfs.size");
        yield new Mount.Tmpfs(
            place(mount, input, OptionalInt.empty(), readOnly),
            Optional.of(new Mount.TmpfsOptions(size)));
      }
    };
  }

  private Mount bind(
      ExecNode.Mount mount, OptionalInt input, OptionalInt output, boolean readOnly) {
    require(mount.source().isPresent(), "exec.mount.bind");
    return new Mount.Bind(place(mount, input, output, readOnly));
  }

  private static Mount.Place place(
      ExecNode.Mount mount, OptionalInt input, OptionalInt output, boolean readOnly) {
    return new Mount.Place(
        input, mount.path(), mount.target(), output, readOnly, Mount.ContentCache.DEFAULT, "");
  }

  private static Mount.Sharing sharing(ExecNode.Sharing sharing) {
    return switch (sharing) {
      case SHARED -> Mount.Sharing.SHARED;
      case PRIVATE -> Mount.Sharing.PRIVATE;
      case LOCKED -> Mount.Sharing.LOCKED;
    };
  }

  /// The reference gives these mounts output 0, which nobody reads; it is part of the digest.
  private static Mount.Place small(String target) {
    return new Mount.Place(
        OptionalInt.empty(), "", target, OptionalInt.of(0), false, Mount.ContentCache.DEFAULT, "");
  }

  private static Mount secret(ExecNode.Secret secret, String target) {
    return new Mount.Secret(
        small(target),
        Optional.of(
            new Mount.FileOptions(
                secret.id(),
                (int) secret.uid(),
                (int) secret.gid(),
                secret.mode(),
                secret.optional())));
  }

  private static Mount agent(ExecNode.Agent agent) {
    return new Mount.Ssh(
        small(agent.target()),
        Optional.of(
            new Mount.FileOptions(
                agent.id(), (int) agent.uid(), (int) agent.gid(), agent.mode(), agent.optional())));
  }
}
