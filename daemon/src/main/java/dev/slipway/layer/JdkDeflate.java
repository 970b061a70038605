package dev.slipway.layer;

import dev.slipway.kernel.Deflate;
import java.io.ByteArrayOutputStream;
import java.util.zip.Deflater;

/// The Java runtime's zlib, which is there everywhere.
final class JdkDeflate implements Deflate {
  private static final int BUFFER = 64 * 1024;

  @Override
  public String name() {
    return "zlib of Java " + Runtime.version().feature();
  }

  @Override
  public byte[] deflate(byte[] bytes, int length, int level) {
    Deflater deflater = new Deflater(level, true);
    try {
      deflater.setInput(bytes, 0, length);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(length / 2 + 64);
      byte[] buffer = new byte[Math.min(BUFFER, length + 64)];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }
}
