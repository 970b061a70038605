package dev.slipway.progress;

import dev.slipway.failure.Exhausted;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;

/// A file that grows at its end and is read meanwhile, from any place. What was appended last waits
/// in memory for a while, and readers see it there.
///
/// Not affected by interruption: whoever appends may be work that is being cancelled, and a channel
/// would be closed under everybody by that. Guarded by its monitor.
final class Spool implements Closeable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final RandomAccessFile file;
  private byte[] buffer = new byte[BUFFER_BYTES];
  private int buffered;
  private long written;

  private Spool(RandomAccessFile file, long written) {
    this.file = file;
    this.written = written;
  }

  /// Makes an empty file. Caller closes.
  static Spool create(Path path) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    file.setLength(0);
    return new Spool(file, 0);
  }

  /// Opens a file that is complete. Caller closes.
  static Spool open(Path path) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
    return new Spool(file, file.length());
  }

  synchronized long length() {
    return written + buffered;
  }

  /// @throws Exhausted when the disk cannot take what waited in memory; then nothing was appended
  synchronized void append(byte[] bytes) {
    if (buffered + bytes.length > BUFFER_BYTES) {
      flush();
    }
    if (bytes.length > BUFFER_BYTES) {
      write(bytes, bytes.length);
      return;
    }
    System.arraycopy(bytes, 0, buffer, buffered, bytes.length);
    buffered += bytes.length;
  }

  /// Keeps bytes in memory although the disk does not take them.
  synchronized void appendInMemory(byte[] bytes) {
    if (buffered + bytes.length > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, buffered + bytes.length));
    }
    System.arraycopy(bytes, 0, buffer, buffered, bytes.length);
    buffered += bytes.length;
  }

  /// Reads what is there from that place on.
  ///
  /// @return at most `limit` bytes; none at the end
  synchronized byte[] read(long position, int limit) throws IOException {
    int length = (int) Math.min(limit, length() - position);
    if (length <= 0) {
      return new byte[0];
    }
    byte[] bytes = new byte[length];
    int fromFile = (int) Math.max(0, Math.min(length, written - position));
    if (fromFile > 0) {
      file.seek(position);
      readFully(bytes, fromFile);
    }
    if (fromFile < length) {
      int start = (int) (position + fromFile - written);
      System.arraycopy(buffer, start, bytes, fromFile, length - fromFile);
    }
    return bytes;
  }

  /// @throws Exhausted when the disk cannot take it
  synchronized void flush() {
    if (buffered > 0) {
      write(buffer, buffered);
      buffered = 0;
      buffer = buffer.length == BUFFER_BYTES ? buffer : new byte[BUFFER_BYTES];
    }
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }

  private void write(byte[] bytes, int length) {
    try {
      file.seek(written);
      file.write(bytes, 0, length);
      written += length;
    } catch (IOException full) {
      throw new Exhausted("cannot write progress: " + full.getMessage(), full);
    }
  }

  private void readFully(byte[] bytes, int length) throws IOException {
    for (int done = 0; done < length; ) {
      int read = file.read(bytes, done, length - done);
      if (read < 0) {
        throw new EOFException("a progress log is shorter than it was");
      }
      done += read;
    }
  }
}
