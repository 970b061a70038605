package dev.slipway.workernative.stores;

import dev.slipway.contenthash.testing.ContentHashOnDiskContract;
import dev.slipway.kernel.Kernel;
import dev.slipway.workernative.linux.LinuxKernel;

final class ContentHashKernelIT extends ContentHashOnDiskContract {
  private final Kernel kernel = new LinuxKernel();

  @Override
  protected Kernel kernel() {
    return kernel;
  }
}
