package dev.slipway.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/// Gives so many bytes of a stream and tells how much has been read. Confined to one thread.
public final class CountingStream extends FilterInputStream {
  private final long limit;
  private final LongConsumer progress;
  private long count;

  public CountingStream(InputStream in, long limit, LongConsumer progress) {
    super(in);
    this.limit = limit;
    this.progress = progress;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (count == limit) {
      return -1;
    }
    int read = super.read(buffer, offset, (int) Math.min(length, limit - count));
    if (read > 0) {
      count += read;
      progress.accept(count);
    }
    return read;
  }
}
