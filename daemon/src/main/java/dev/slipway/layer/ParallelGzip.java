package dev.slipway.layer;

import dev.slipway.task.TaskScope;
import dev.slipway.task.TaskScope.Forked;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// Writes one gzip member whose parts are deflated at the same time: the input is cut at every
/// mebibyte, each piece deflated by itself and flushed to a byte boundary, so the pieces put
/// together are one valid stream. Confined to one thread; its tasks are not.
final class ParallelGzip extends OutputStream {
  private static final int PIECE = 1 << 20;
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

  /// An empty last block.
  private static final byte[] END = {3, 0};

  private final OutputStream out;
  private final int level;
  private final TaskScope scope;
  private final int parallel;
  private final Deque<Forked<byte[]>> running = new ArrayDeque<>();
  private final CRC32 crc = new CRC32();
  private byte[] piece = new byte[PIECE];
  private int filled;
  private long total;
  private boolean closed;

  /// @param out not closed
  /// @param parallel for how many threads there is work at any time
  ParallelGzip(OutputStream out, int level, int parallel, TaskScope scope) throws IOException {
    this.out = out;
    this.level = Math.clamp(level, 0, 9);
    this.parallel = parallel;
    this.scope = scope;
    out.write(HEADER);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    crc.update(buffer, offset, length);
    total += length;
    int at = offset;
    int left = length;
    while (left > 0) {
      int count = Math.min(left, PIECE - filled);
      System.arraycopy(buffer, at, piece, filled, count);
      filled += count;
      at += count;
      left -= count;
      if (filled == PIECE) {
        submit();
      }
    }
  }

  /// Ends the member. The target stays open.
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (filled > 0) {
      submit();
    }
    while (!running.isEmpty()) {
      drainOne();
    }
    out.write(END);
    writeLittleEndian(crc.getValue());
    writeLittleEndian(total);
  }

  private void submit() throws IOException {
    byte[] full = piece;
    int length = filled;
    running.add(scope.fork(() -> deflate(full, length)));
    filled = 0;
    if (running.size() > 2 * parallel) {
      drainOne();
    }
    piece = new byte[PIECE];
  }

  private void drainOne() throws IOException {
    out.write(running.remove().result());
  }

  private byte[] deflate(byte[] input, int length) {
    Deflater deflater = new Deflater(level, true);
    try {
      deflater.setInput(input, 0, length);
      ByteArrayOutputStream deflated = new ByteArrayOutputStream(length / 2 + 64);
      byte[] buffer = new byte[64 * 1024];
      int count;
      do {
        count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
        deflated.write(buffer, 0, count);
      } while (count == buffer.length);
      return deflated.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private void writeLittleEndian(long value) throws IOException {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write((int) (value >>> shift));
    }
  }
}
