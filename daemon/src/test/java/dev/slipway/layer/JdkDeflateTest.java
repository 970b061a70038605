package dev.slipway.layer;

import dev.slipway.kernel.Deflate;
import dev.slipway.layer.testing.DeflateContract;

class JdkDeflateTest extends DeflateContract {
  @Override
  protected Deflate open() {
    return new JdkDeflate();
  }
}
