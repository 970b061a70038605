package dev.slipway.frontend.gateway;

import dev.slipway.executor.Executor.ExitStatus;
import dev.slipway.executor.ProcessIo;
import dev.slipway.frontend.FrontendRef.ByteRange;
import dev.slipway.fsutil.Stat;
import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecOp.SecretEnv;
import dev.slipway.llb.ExecOp.SecurityMode;
import java.util.List;
import java.util.Optional;

/// A container whose processes its maker starts one by one. The first one is its main process: when
/// it ends, the container stops and whatever else runs in it is killed. Thread-safe.
public interface GatewayContainer {
  /// Runs a process to its end; blocks. Interruption kills it.
  ///
  /// @throws dev.slipway.failure.Denied the build lacks an entitlement that the process needs
  /// @throws dev.slipway.failure.WrongState the container has stopped
  /// @throws dev.slipway.failure.Cancelled the container was released meanwhile
  ExitStatus run(Process process, ProcessIo io);

  /// Reads a file of a mount's own tree, whatever else is mounted inside it.
  ///
  /// @param mount its place among the mounts of the container's request, from 0
  byte[] readFile(int mount, String path, Optional<ByteRange> range);

  List<Stat> readDirectory(int mount, String path, Optional<String> pattern);

  Stat stat(int mount, String path);

  /// @param security of the main process; it holds for the whole container
  record Process(
      ExecMeta meta, List<SecretEnv> secretEnv, boolean terminal, SecurityMode security) {
    public Process {
      secretEnv = List.copyOf(secretEnv);
    }
  }
}
