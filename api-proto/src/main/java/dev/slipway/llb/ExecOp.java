package dev.slipway.llb;

import java.util.List;

/// Runs one process.
///
/// @param mounts in the order of the wire; one of them has the destination `/`
public record ExecOp(
    ExecMeta meta,
    List<Mount> mounts,
    NetworkMode network,
    SecurityMode security,
    List<SecretEnv> secretEnv,
    List<CdiDevice> cdiDevices)
    implements Op {
  public ExecOp {
    mounts = List.copyOf(mounts);
    secretEnv = List.copyOf(secretEnv);
    cdiDevices = List.copyOf(cdiDevices);
  }

  public enum NetworkMode {
    /// The worker's own choice of an isolated network (`UNSET` on the wire).
    SANDBOX,
    /// Needs the entitlement `network.host`.
    HOST,
    NONE
  }

  public enum SecurityMode {
    SANDBOX,
    /// Needs the entitlement `security.insecure`.
    INSECURE
  }

  /// An environment variable whose value is a secret of the client.
  public record SecretEnv(String id, String name, boolean optional) {}

  /// @param name `vendor/class=name`, in full
  public record CdiDevice(String name, boolean optional) {}
}
