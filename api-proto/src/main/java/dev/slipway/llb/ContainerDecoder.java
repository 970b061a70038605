package dev.slipway.llb;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.ExecMeta.HostIp;
import dev.slipway.llb.ExecOp.NetworkMode;
import dev.slipway.llb.ExecOp.SecretEnv;
import dev.slipway.llb.ExecOp.SecurityMode;
import dev.slipway.oci.Digest;
import java.util.List;

/// Decodes the parts of an interactive container, which come in the gateway's requests instead of a
/// definition.
public final class ContainerDecoder {
  private ContainerDecoder() {}

  /// A mount of a container: what it shows is named by [Mount.Place#resultId], never by an input.
  ///
  /// @throws InvalidRequest an unknown type or option
  public static Mount mount(dev.slipway.api.ops.Mount mount) {
    dev.slipway.api.ops.Mount withoutInput =
        mount.toBuilder().setInput(-1).setOutput(-1).clearContentCache().build();
    InvalidOp invalid = new InvalidOp(0, Digest.ofBytes(mount.toByteArray()));
    return new MountDecoder(withoutInput, 0, invalid).decode();
  }

  public static NetworkMode network(dev.slipway.api.ops.NetMode mode) {
    return switch (mode) {
      case UNSET -> NetworkMode.SANDBOX;
      case HOST -> NetworkMode.HOST;
      case NONE -> NetworkMode.NONE;
      case UNRECOGNIZED -> throw new InvalidRequest("invalid network mode");
    };
  }

  public static SecurityMode security(dev.slipway.api.ops.SecurityMode mode) {
    return switch (mode) {
      case SANDBOX -> SecurityMode.SANDBOX;
      case INSECURE -> SecurityMode.INSECURE;
      case UNRECOGNIZED -> throw new InvalidRequest("invalid security mode");
    };
  }

  public static List<SecretEnv> secretEnv(List<dev.slipway.api.ops.SecretEnv> messages) {
    return messages.stream()
        .map(env -> new SecretEnv(env.getID(), env.getName(), env.getOptional()))
        .toList();
  }

  public static List<HostIp> hosts(List<dev.slipway.api.ops.HostIP> messages) {
    return messages.stream().map(host -> new HostIp(host.getHost(), host.getIP())).toList();
  }
}
