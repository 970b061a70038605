package dev.slipway.op;

import dev.slipway.failure.NotFound;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.ExecOp.CdiDevice;

/// Which of the CDI devices an op asks for are there. This daemon knows none yet: optional ones are
/// left out, as BuildKit leaves out those it does not find, and so are not part of the key.
final class PresentDevices {
  private PresentDevices() {}

  /// @throws NotFound a device that is required is not there
  static ExecOp only(ExecOp op) {
    if (op.cdiDevices().isEmpty()) {
      return op;
    }
    for (CdiDevice device : op.cdiDevices()) {
      if (!device.optional()) {
        throw new NotFound("required CDI device \"" + device.name() + "\" is not registered");
      }
    }
    return new ExecOp(
        op.meta(), op.mounts(), op.network(), op.security(), op.secretEnv(), java.util.List.of());
  }
}
