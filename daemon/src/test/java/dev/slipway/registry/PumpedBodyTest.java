package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.task.TaskScope;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PumpedBodyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final byte[] content = new byte[3_000_000];
  private final Peer peer = new Peer();

  PumpedBodyTest() {
    new Random(5).nextBytes(content);
  }

  @Test
  void everyByteComesInOrderThroughFewBuffers() throws Exception {
    PumpedBody body =
        new PumpedBody(Channels.newChannel(new ByteArrayInputStream(content)), PATIENCE);
    body.subscribe(peer);

    body.run();

    assertThat(peer.ended).isTrue();
    assertThat(peer.taken.toByteArray()).isEqualTo(content);
    assertThat(peer.buffers).hasSizeLessThan(4).allMatch(ByteBuffer::isDirect);
  }

  @Test
  void aPeerThatTakesNothingIsGivenUp() {
    peer.asks = false;
    PumpedBody body =
        new PumpedBody(
            Channels.newChannel(new ByteArrayInputStream(content)), Duration.ofMillis(20));
    body.subscribe(peer);

    assertThatThrownBy(body::run).isInstanceOf(HttpTimeoutException.class);
    assertThat(peer.buffers).isEmpty();
  }

  @Test
  void aSourceThatFailsFailsTheRequest() throws Exception {
    PumpedBody body =
        new PumpedBody(
            new ReadableByteChannel() {
              @Override
              public int read(ByteBuffer target) throws IOException {
                throw new IOException("given up");
              }

              @Override
              public boolean isOpen() {
                return true;
              }

              @Override
              public void close() {}
            },
            PATIENCE);
    body.subscribe(peer);

    body.run();

    assertThat(peer.failure).get().hasToString("java.io.IOException: given up");
    assertThat(peer.ended).isFalse();
  }

  @Test
  void aSourceIsNotWaitedForOnceNothingMoreIsWanted() throws Exception {
    Pipe pipe = Pipe.open();
    PumpedBody body = new PumpedBody(pipe.source(), PATIENCE);
    body.subscribe(peer);
    try (TaskScope scope = TaskScope.open("sender")) {
      scope.forkAction(body::run);
      body.cancel();

      scope.join();
    }
    assertThat(peer.ended).isFalse();
    assertThat(pipe.source().isOpen()).isFalse();
    pipe.sink().close();
  }

  @Test
  void itIsSentOnce() {
    PumpedBody body =
        new PumpedBody(Channels.newChannel(new ByteArrayInputStream(content)), PATIENCE);
    body.subscribe(new Peer());

    body.subscribe(peer);

    assertThat(peer.failure).isPresent();
  }

  /// Asks for one piece at a time, and takes it at once.
  private static final class Peer implements Flow.Subscriber<ByteBuffer> {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final Set<ByteBuffer> buffers = Collections.newSetFromMap(new IdentityHashMap<>());
    private Optional<Flow.Subscription> subscription = Optional.empty();
    private Optional<Throwable> failure = Optional.empty();
    private boolean asks = true;
    private boolean ended;

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = Optional.of(given);
      ask();
    }

    private void ask() {
      if (asks) {
        subscription.orElseThrow().request(1);
      }
    }

    @Override
    public void onNext(ByteBuffer piece) {
      buffers.add(piece);
      byte[] bytes = new byte[piece.remaining()];
      piece.get(bytes);
      taken.writeBytes(bytes);
      ask();
    }

    @Override
    public void onError(Throwable cause) {
      failure = Optional.of(cause);
    }

    @Override
    public void onComplete() {
      ended = true;
    }
  }
}
