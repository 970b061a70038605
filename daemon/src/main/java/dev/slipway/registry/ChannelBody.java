package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// A request's body, read from a channel into memory outside the heap, from where a socket takes it
/// without another copy. The buffers go round: the oldest is filled again once it was taken whole.
/// For HTTP/1.1 only: there what was taken is written or encrypted already, whereas HTTP/2 keeps
/// slices of it. Immutable.
///
/// @param open made anew for each sending
/// @param contentLength how many bytes of it are sent; negative: all up to the channel's end
record ChannelBody(Supplier<ReadableByteChannel> open, long contentLength)
    implements HttpRequest.BodyPublisher {
  private static final int PIECE = 256 * 1024;

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    ReadableByteChannel channel;
    try {
      channel = open.get();
    } catch (BuildFailure failure) {
      subscriber.onSubscribe(new Nothing());
      subscriber.onError(failure);
      return;
    }
    subscriber.onSubscribe(new Sending(subscriber, channel, contentLength));
  }

  private record Nothing() implements Flow.Subscription {
    @Override
    public void request(long count) {
      // There is none.
    }

    @Override
    public void cancel() {
      // It never began.
    }
  }

  /// One sending. Thread-safe: who asks while another thread sends leaves the work to that one.
  private static final class Sending implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private final ReadableByteChannel channel;
    private final Deque<ByteBuffer> given = new ArrayDeque<>();
    private final AtomicLong wanted = new AtomicLong();
    private final AtomicInteger calls = new AtomicInteger();
    private long left;
    private volatile boolean ended;

    private Sending(
        Flow.Subscriber<? super ByteBuffer> subscriber, ReadableByteChannel channel, long left) {
      this.subscriber = subscriber;
      this.channel = channel;
      this.left = left;
    }

    @Override
    public void request(long count) {
      wanted.addAndGet(Math.clamp(count, 0, Integer.MAX_VALUE));
      if (calls.getAndIncrement() > 0) {
        return;
      }
      int seen = 1;
      do {
        send();
        seen = calls.addAndGet(-seen);
      } while (seen > 0);
    }

    @Override
    public void cancel() {
      ended = true;
    }

    private void send() {
      while (!ended && wanted.get() > 0) {
        ByteBuffer piece;
        try {
          piece = left < 0 ? readSome() : read();
        } catch (IOException failed) {
          ended = true;
          subscriber.onError(failed);
          return;
        }
        if (piece.hasRemaining()) {
          wanted.decrementAndGet();
          subscriber.onNext(piece);
        }
        if (left == 0 && !ended) {
          ended = true;
          subscriber.onComplete();
        }
      }
    }

    /// What there is; nothing at the channel's end.
    private ByteBuffer readSome() throws IOException {
      ByteBuffer piece = free(PIECE);
      int count = 0;
      while (count == 0) {
        count = channel.read(piece);
      }
      if (count < 0) {
        left = 0;
      }
      return piece.flip();
    }

    private ByteBuffer read() throws IOException {
      ByteBuffer piece = free((int) Math.min(PIECE, left));
      piece.limit((int) Math.min(piece.capacity(), left));
      while (piece.hasRemaining()) {
        if (channel.read(piece) < 0) {
          throw new EOFException(
              "what is to be sent ends " + (left - piece.position()) + " bytes too early");
        }
      }
      left -= piece.position();
      return piece.flip();
    }

    private ByteBuffer free(int capacity) {
      ByteBuffer oldest = given.peek();
      ByteBuffer piece =
          oldest == null || oldest.hasRemaining()
              ? ByteBuffer.allocateDirect(capacity)
              : given.remove().clear();
      given.add(piece);
      return piece;
    }
  }
}
