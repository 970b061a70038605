package dev.slipway.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.function.LongConsumer;

/// Gives so many bytes of a channel and tells how much has been read. Confined to one thread.
public final class CountingChannel implements ReadableByteChannel {
  private final ReadableByteChannel in;
  private final long limit;
  private final LongConsumer progress;
  private long count;

  /// @param in closed with this
  public CountingChannel(ReadableByteChannel in, long limit, LongConsumer progress) {
    this.in = in;
    this.limit = limit;
    this.progress = progress;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (count == limit) {
      return -1;
    }
    int end = target.limit();
    target.limit((int) Math.min(end, target.position() + (limit - count)));
    int read;
    try {
      read = in.read(target);
    } finally {
      target.limit(end);
    }
    if (read > 0) {
      count += read;
      progress.accept(count);
    }
    return read;
  }

  @Override
  public boolean isOpen() {
    return in.isOpen();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
