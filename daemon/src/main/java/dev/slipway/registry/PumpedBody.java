package dev.slipway.registry;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Flow;

/// A request's body of a length that only its end will tell. Its source may let one wait, so it is
/// read by the thread that sends, in [#run], and not by the client's, which must never block. For
/// HTTP/1.1 only, as the buffers go round: the oldest is filled again once it was taken whole. For
/// one sending; thread-safe: guarded by its monitor.
final class PumpedBody implements HttpRequest.BodyPublisher, Flow.Subscription {
  private static final int PIECE = 256 * 1024;

  private final ReadableByteChannel source;
  private final Duration patience;
  private final Deque<ByteBuffer> given = new ArrayDeque<>();
  private Optional<Flow.Subscriber<? super ByteBuffer>> subscriber = Optional.empty();
  private long wanted;
  private boolean cancelled;

  /// @param source closed once nothing more is wanted of it
  /// @param patience how long the peer may take nothing
  PumpedBody(ReadableByteChannel source, Duration patience) {
    this.source = source;
    this.patience = patience;
  }

  @Override
  public long contentLength() {
    return -1;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> asking) {
    boolean first;
    synchronized (this) {
      first = subscriber.isEmpty();
      if (first) {
        subscriber = Optional.of(asking);
      }
    }
    asking.onSubscribe(this);
    if (!first) {
      asking.onError(new IOException("what is sent while it comes cannot be sent twice"));
    }
  }

  @Override
  public synchronized void request(long count) {
    wanted += Math.clamp(count, 0, Integer.MAX_VALUE);
    notifyAll();
  }

  /// Nothing more is wanted.
  @Override
  public void cancel() {
    synchronized (this) {
      cancelled = true;
      notifyAll();
    }
    try {
      source.close();
    } catch (IOException ignored) {
      // It was only read from.
    }
  }

  /// Returns when all is handed over, or nothing more is wanted.
  ///
  /// @throws HttpTimeoutException the peer takes nothing
  void run() throws HttpTimeoutException, InterruptedException {
    while (true) {
      Optional<Flow.Subscriber<? super ByteBuffer>> asking = awaitWanted();
      if (asking.isEmpty()) {
        return;
      }
      ByteBuffer piece = free();
      int count;
      try {
        count = source.read(piece);
      } catch (IOException failed) {
        asking.get().onError(failed);
        return;
      }
      if (count < 0) {
        asking.get().onComplete();
        return;
      }
      asking.get().onNext(piece.flip());
    }
  }

  /// @return who wants more; empty when nobody does any more
  private synchronized Optional<Flow.Subscriber<? super ByteBuffer>> awaitWanted()
      throws HttpTimeoutException, InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (wanted == 0 && !cancelled) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new HttpTimeoutException("nothing taken for " + patience.toSeconds() + " s");
      }
      wait(left);
    }
    if (cancelled) {
      return Optional.empty();
    }
    wanted--;
    return subscriber;
  }

  private ByteBuffer free() {
    ByteBuffer oldest = given.peek();
    ByteBuffer piece =
        oldest == null || oldest.hasRemaining()
            ? ByteBuffer.allocateDirect(PIECE)
            : given.remove().clear();
    given.add(piece);
    return piece;
  }
}
