package dev.slipway.frontend.gateway;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Keeps the end of what is written, for the failure it may explain. Guarded by its own lock.
final class LastWords extends OutputStream {
  private static final int MOST = 4096;

  private byte[] kept = new byte[0];

  @Override
  public void write(int one) {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    byte[] all = Arrays.copyOf(kept, kept.length + length);
    System.arraycopy(bytes, offset, all, kept.length, length);
    kept = all.length > MOST ? Arrays.copyOfRange(all, all.length - MOST, all.length) : all;
  }

  synchronized String text() {
    return new String(kept, StandardCharsets.UTF_8).strip();
  }
}
