package dev.slipway.registry;

import dev.slipway.task.Interruption;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A response's body as a stream that fails when the peer falls silent; the JDK's own would wait
/// for ever. One reader.
final class TimedBody extends InputStream implements HttpResponse.BodySubscriber<InputStream> {
  private static final int AHEAD = 8;

  private sealed interface Event {}

  private record Data(List<ByteBuffer> buffers) implements Event {}

  private record End() implements Event {}

  private record Failed(Throwable cause) implements Event {}

  private final Duration patience;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private List<ByteBuffer> current = List.of();
  private int next;
  private boolean ended;
  private volatile Flow.@Nullable Subscription subscription;
  private volatile boolean closed;

  TimedBody(Duration patience) {
    this.patience = patience;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    if (closed) {
      given.cancel();
    } else {
      given.request(AHEAD);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    events.add(new Data(buffers));
  }

  @Override
  public void onError(Throwable cause) {
    events.add(new Failed(cause));
  }

  @Override
  public void onComplete() {
    events.add(new End());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (true) {
      while (next < current.size()) {
        ByteBuffer buffer = current.get(next);
        if (buffer.hasRemaining()) {
          int count = Math.min(length, buffer.remaining());
          buffer.get(target, offset, count);
          return count;
        }
        next++;
      }
      if (ended) {
        return -1;
      }
      await();
    }
  }

  @Override
  public void close() {
    closed = true;
    Flow.Subscription given = subscription;
    if (given != null && !ended) {
      given.cancel();
    }
  }

  private void await() throws IOException {
    Event event;
    try {
      event = events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      close();
      throw Interruption.cancelled(interrupted);
    }
    switch (event) {
      case null -> {
        close();
        throw new HttpTimeoutException("nothing received for " + patience.toSeconds() + " s");
      }
      case Data data -> {
        current = data.buffers();
        next = 0;
        Flow.Subscription given = subscription;
        if (given != null) {
          given.request(1);
        }
      }
      case End _ -> ended = true;
      case Failed failed -> {
        ended = true;
        throw failed.cause() instanceof IOException io ? io : new IOException(failed.cause());
      }
    }
  }
}
