package dev.slipway.frontend.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;

/// Bytes that arrive in messages, read as a stream. A writer waits while the reader is far behind.
/// Guarded by its own lock; one writer, one reader.
final class PipedInput extends InputStream {
  private static final int MOST_AHEAD = 1 << 20;

  private final Deque<byte[]> arrived = new ArrayDeque<>();
  private int offset;
  private int held;
  private boolean ended;
  private boolean closed;

  /// Hands bytes over; what comes after the end, or when nobody reads any more, is dropped.
  synchronized void write(byte[] bytes) throws InterruptedException {
    while (held > MOST_AHEAD && !closed && !ended) {
      wait();
    }
    if (bytes.length > 0 && !closed && !ended) {
      arrived.add(bytes);
      held += bytes.length;
      notifyAll();
    }
  }

  /// There is nothing more to come.
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public synchronized int read(byte[] into, int start, int length) throws IOException {
    try {
      while (arrived.isEmpty() && !ended && !closed) {
        wait();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("nobody waits for this input any more");
    }
    if (arrived.isEmpty() || closed) {
      return -1;
    }
    byte[] first = arrived.getFirst();
    int taken = Math.min(length, first.length - offset);
    System.arraycopy(first, offset, into, start, taken);
    offset += taken;
    held -= taken;
    if (offset == first.length) {
      arrived.removeFirst();
      offset = 0;
    }
    notifyAll();
    return taken;
  }

  /// Nobody reads any more.
  @Override
  public synchronized void close() {
    closed = true;
    arrived.clear();
    notifyAll();
  }
}
