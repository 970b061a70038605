package dev.slipway.content;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;

/// Follows an [Ingest]: gives its bytes from the first on and waits for those that are still to
/// come. It ends where the blob ends that was committed, and fails when the ingest was given up.
///
/// It holds nobody up: the ingest neither waits for its readers nor keeps anything in memory for
/// them. A commit, or that the blob is deleted later, does not disturb it.
///
/// One thread reads; all else may be called by any thread meanwhile.
public final class IngestReader implements ReadableByteChannel {
  private final IngestState state;
  private final SeekableByteChannel bytes;
  private volatile boolean closed;

  /// @param bytes those written, at the first; closed with this
  public IngestReader(IngestState state, SeekableByteChannel bytes) {
    this.state = state;
    this.bytes = bytes;
  }

  /// Waits until so many bytes are written, or no more will be.
  ///
  /// @return whether it is still being written
  public boolean awaitBytes(long count) {
    state.awaitMoreThan(count - 1, () -> closed);
    return !state.hasEnded();
  }

  /// Waits until nothing more will be written.
  ///
  /// @return the blob; empty when the ingest was given up
  public Optional<BlobInfo> awaitEnd() {
    return state.awaitEnd();
  }

  /// The blob, when it is committed already.
  public Optional<BlobInfo> committed() {
    return state.committed();
  }

  /// Whether no blob will come of it.
  public boolean isGivenUp() {
    return state.hasEnded() && state.committed().isEmpty();
  }

  /// Reads what is there, and waits only while there is nothing.
  ///
  /// @return how many bytes, at least one if there is room; -1 at the blob's end
  /// @throws EOFException the ingest was given up
  /// @throws AsynchronousCloseException it was closed meanwhile
  /// @throws dev.slipway.failure.Cancelled interrupted
  @Override
  public int read(ByteBuffer target) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (!target.hasRemaining()) {
      return 0;
    }
    long position = bytes.position();
    long there = state.awaitMoreThan(position, () -> closed);
    if (closed) {
      throw new AsynchronousCloseException();
    }
    if (isGivenUp()) {
      throw givenUp();
    }
    return there <= position ? -1 : read(target, there - position);
  }

  private int read(ByteBuffer target, long there) throws IOException {
    int limit = target.limit();
    target.limit((int) Math.min(limit, target.position() + there));
    try {
      int count = bytes.read(target);
      if (count < 0) {
        throw givenUp();
      }
      return count;
    } finally {
      target.limit(limit);
    }
  }

  private static EOFException givenUp() {
    return new EOFException("what was being written was given up");
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  /// Also ends a read that waits. Idempotent.
  @Override
  public void close() {
    closed = true;
    state.stir();
    try {
      bytes.close();
    } catch (IOException failed) {
      throw DiskFailure.of("closing a reader of an unfinished blob", failed);
    }
  }
}
