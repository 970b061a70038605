package dev.slipway.client.command;

import dev.slipway.task.PlatformThreads;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// What comes through a pipe. Unlike with `System.in`, a read ends when its thread is interrupted,
/// whether anything comes or not; the stream is of no use after that. For one thread at a time,
/// virtual or not: a virtual one that reads a file itself cannot be interrupted.
final class StandardInput extends InputStream {
  private final PlatformThreads readers = new PlatformThreads("standard-input");
  private final FileChannel channel;

  StandardInput(FileChannel channel) {
    this.channel = channel;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    try {
      return readers.callOrLeave(() -> channel.read(ByteBuffer.wrap(bytes, offset, length)));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(interrupted);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
