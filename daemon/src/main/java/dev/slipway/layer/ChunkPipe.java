package dev.slipway.layer;

import dev.slipway.task.Interruption;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// Hands bytes from one thread to another in large pieces, a few at a time, so that decompressing
/// and writing overlap. One thread writes, one reads.
final class ChunkPipe {
  static final int CHUNK = 256 * 1024;

  private static final int DEPTH = 4;
  private static final Chunk END = new Chunk(new byte[0], 0);

  private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(DEPTH);
  private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(DEPTH + 2);

  ChunkPipe() {
    for (int i = 0; i < DEPTH + 2; i++) {
      free.add(new byte[CHUNK]);
    }
  }

  /// A buffer to fill; blocks until the reader has given one back.
  byte[] takeFree() {
    return take(free);
  }

  void put(byte[] buffer, int length) {
    put(new Chunk(buffer, length));
  }

  void end() {
    put(END);
  }

  /// The reader's side. When the writer fails, its scope interrupts the reader.
  InputStream reader() {
    return new Reader();
  }

  private void put(Chunk chunk) {
    try {
      full.put(chunk);
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  private static <T> T take(BlockingQueue<T> queue) {
    try {
      return queue.take();
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  private static final class Chunk {
    private final byte[] bytes;
    private final int length;

    private Chunk(byte[] bytes, int length) {
      this.bytes = bytes;
      this.length = length;
    }

    /// A chunk that was put has bytes; only the mark of the end has none.
    private boolean isEnd() {
      return bytes.length == 0;
    }
  }

  private final class Reader extends InputStream {
    private Chunk current = new Chunk(new byte[0], 0);
    private int at;
    private boolean ended;

    @Override
    public int read() {
      return available() == 0 ? -1 : current.bytes[at++] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      if (available() == 0) {
        return -1;
      }
      int count = Math.min(length, current.length - at);
      System.arraycopy(current.bytes, at, buffer, offset, count);
      at += count;
      return count;
    }

    /// Bytes at hand, waiting for some; 0 only at the end.
    @Override
    public int available() {
      while (at == current.length && !ended) {
        if (current.bytes.length > 0 && !free.offer(current.bytes)) {
          throw new IllegalStateException("a buffer was given back twice");
        }
        current = take(full);
        at = 0;
        ended = current.isEnd();
      }
      return current.length - at;
    }
  }
}
