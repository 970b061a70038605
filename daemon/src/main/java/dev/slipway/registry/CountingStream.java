package dev.slipway.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/// Tells how much has been read. Confined to one thread.
final class CountingStream extends FilterInputStream {
  private final LongConsumer progress;
  private long count;

  CountingStream(InputStream in, LongConsumer progress) {
    super(in);
    this.progress = progress;
  }

  @Override
  public int read() throws IOException {
    int one = super.read();
    add(one < 0 ? 0 : 1);
    return one;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = super.read(buffer, offset, length);
    add(Math.max(read, 0));
    return read;
  }

  private void add(int more) {
    if (more > 0) {
      count += more;
      progress.accept(count);
    }
  }
}
