package dev.slipway.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;

/// A channel that a request's body is read from, which knows how long nobody has wanted more of it:
/// so a peer that takes nothing is told from a source that has nothing yet. Thread-safe as far as
/// one thread reads and others ask.
final class SourcePace implements ReadableByteChannel {
  private final ReadableByteChannel in;
  private volatile boolean reading;
  private volatile long last = System.nanoTime();

  /// @param in closed with this
  SourcePace(ReadableByteChannel in) {
    this.in = in;
  }

  /// For how long the peer has been silent.
  Duration unwanted() {
    return reading ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - last);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    reading = true;
    try {
      return in.read(target);
    } finally {
      last = System.nanoTime();
      reading = false;
    }
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
