package dev.slipway.llb;

import dev.slipway.llb.ExecMeta.HostIp;
import dev.slipway.llb.ExecMeta.ProxyEnv;
import dev.slipway.llb.ExecMeta.Ulimit;
import dev.slipway.llb.ExecOp.CdiDevice;
import dev.slipway.llb.ExecOp.NetworkMode;
import dev.slipway.llb.ExecOp.SecurityMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// Decodes and checks one op. An index of -1 on the wire is an empty index here.
final class OpDecoder {
  private final dev.slipway.api.ops.Op op;
  private final InvalidOp invalid;
  private final int inputCount;

  OpDecoder(dev.slipway.api.ops.Op op, InvalidOp invalid) {
    this.op = op;
    this.invalid = invalid;
    this.inputCount = op.getInputsCount();
  }

  Op decode() {
    return switch (op.getOpCase()) {
      case EXEC -> exec(op.getExec());
      case SOURCE -> source(op.getSource());
      case FILE -> new FileOpDecoder(op.getFile(), inputCount, invalid).decode();
      case BUILD -> build(op.getBuild());
      case MERGE -> merge(op.getMerge());
      case DIFF -> diff(op.getDiff());
      case PASSTHROUGH -> passthrough(op.getPassthrough());
      case OP_NOT_SET -> throw invalid.because("unknown op, or none at all");
    };
  }

  private SourceOp source(dev.slipway.api.ops.SourceOp source) {
    if (source.getIdentifier().isEmpty()) {
      throw invalid.because("source identifier can't be empty");
    }
    return new SourceOp(source.getIdentifier(), source.getAttrsMap());
  }

  private ExecOp exec(dev.slipway.api.ops.ExecOp exec) {
    if (!exec.hasMeta()) {
      throw invalid.because("invalid exec op with no meta");
    }
    if (exec.getMeta().getArgsCount() == 0) {
      throw invalid.because("invalid exec op with no args");
    }
    if (exec.getMountsCount() == 0) {
      throw invalid.because("invalid exec op with no mounts");
    }
    List<Mount> mounts = new ArrayList<>();
    for (dev.slipway.api.ops.Mount mount : exec.getMountsList()) {
      mounts.add(new MountDecoder(mount, inputCount, invalid).decode());
    }
    if (mounts.stream().noneMatch(Mount::isRoot)) {
      throw invalid.because("invalid exec op with no rootfs");
    }
    return new ExecOp(
        meta(exec.getMeta()),
        mounts,
        switch (exec.getNetwork()) {
          case UNSET -> NetworkMode.SANDBOX;
          case HOST -> NetworkMode.HOST;
          case NONE -> NetworkMode.NONE;
          case UNRECOGNIZED ->
              throw invalid.because("unknown network mode " + exec.getNetworkValue());
        },
        switch (exec.getSecurity()) {
          case SANDBOX -> SecurityMode.SANDBOX;
          case INSECURE -> SecurityMode.INSECURE;
          case UNRECOGNIZED ->
              throw invalid.because("invalid security mode " + exec.getSecurityValue());
        },
        ContainerDecoder.secretEnv(exec.getSecretenvList()),
        exec.getCdiDevicesList().stream()
            .map(device -> new CdiDevice(device.getName(), device.getOptional()))
            .toList());
  }

  static ExecMeta meta(dev.slipway.api.ops.Meta meta) {
    return new ExecMeta(
        meta.getArgsList(),
        meta.getEnvList(),
        meta.getCwd(),
        meta.getUser(),
        meta.hasProxyEnv() ? Optional.of(proxy(meta.getProxyEnv())) : Optional.empty(),
        meta.getExtraHostsList().stream()
            .map(host -> new HostIp(host.getHost(), host.getIP()))
            .toList(),
        meta.getHostname(),
        meta.getUlimitList().stream()
            .map(limit -> new Ulimit(limit.getName(), limit.getSoft(), limit.getHard()))
            .toList(),
        meta.getCgroupParent(),
        meta.getRemoveMountStubsRecursive(),
        meta.getValidExitCodesList());
  }

  private static ProxyEnv proxy(dev.slipway.api.ops.ProxyEnv proxy) {
    return new ProxyEnv(
        proxy.getHttpProxy(),
        proxy.getHttpsProxy(),
        proxy.getFtpProxy(),
        proxy.getNoProxy(),
        proxy.getAllProxy());
  }

  private BuildOp build(dev.slipway.api.ops.BuildOp build) {
    Map<String, OptionalInt> inputs = new TreeMap<>();
    build.getInputsMap().forEach((name, input) -> inputs.put(name, input(input.getInput())));
    return new BuildOp(
        input(build.getBuilder()),
        inputs,
        build.hasDef() ? Optional.of(build.getDef().toByteString()) : Optional.empty(),
        build.getAttrsMap());
  }

  private MergeOp merge(dev.slipway.api.ops.MergeOp merge) {
    return new MergeOp(
        merge.getInputsList().stream().map(input -> input(input.getInput())).toList());
  }

  private DiffOp diff(dev.slipway.api.ops.DiffOp diff) {
    if (!diff.hasLower() || !diff.hasUpper()) {
      throw invalid.because("invalid diff op with nil lower or upper input");
    }
    return new DiffOp(input(diff.getLower().getInput()), input(diff.getUpper().getInput()));
  }

  private PassthroughOp passthrough(dev.slipway.api.ops.PassthroughOp passthrough) {
    if (passthrough.getId().isEmpty()) {
      throw invalid.because("invalid passthrough op with no id");
    }
    if (passthrough.getOutputsCount() == 0) {
      throw invalid.because("invalid passthrough op with no outputs");
    }
    List<Integer> outputs = new ArrayList<>();
    for (long output : passthrough.getOutputsList()) {
      outputs.add(
          input(output)
              .orElseThrow(
                  () -> invalid.because("invalid passthrough output input index " + output)));
    }
    return new PassthroughOp(passthrough.getId(), outputs);
  }

  private OptionalInt input(long index) {
    return index(index, inputCount, invalid);
  }

  /// An index below a bound; -1 is none.
  static OptionalInt index(long index, int bound, InvalidOp invalid) {
    if (index == -1) {
      return OptionalInt.empty();
    }
    if (index < 0 || index >= bound) {
      throw invalid.because("invalid input index " + index + ", " + bound + " provided");
    }
    return OptionalInt.of((int) index);
  }
}
