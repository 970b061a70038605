package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.failure.NotFound;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class ChannelBodyTest {
  private final byte[] content = new byte[3_000_000];

  ChannelBodyTest() {
    new Random(5).nextBytes(content);
  }

  @Test
  void everyByteComesInOrderThroughFewBuffers() {
    Reader reader = new Reader(1);

    body(content.length).subscribe(reader);

    assertThat(reader.ended).isTrue();
    assertThat(reader.taken.toByteArray()).isEqualTo(content);
    assertThat(reader.buffers).hasSizeLessThan(4).allMatch(ByteBuffer::isDirect);
  }

  @Test
  void aBufferThatIsStillReadIsNotFilledAgain() {
    Reader reader = new Reader(6);

    body(content.length).subscribe(reader);

    assertThat(reader.ended).isTrue();
    assertThat(reader.taken.toByteArray()).isEqualTo(content);
  }

  @Test
  void nothingComesBeforeItIsAskedFor() {
    Reader reader = new Reader(1);
    reader.asks = false;

    body(content.length).subscribe(reader);

    assertThat(reader.buffers).isEmpty();
    assertThat(reader.ended).isFalse();
  }

  @Test
  void aChannelThatEndsEarlyFailsTheRequest() {
    Reader reader = new Reader(1);

    body(content.length + 1).subscribe(reader);

    assertThat(reader.ended).isFalse();
    assertThat(reader.failure)
        .get()
        .isInstanceOf(EOFException.class)
        .hasToString("java.io.EOFException: what is to be sent ends 1 bytes too early");
  }

  @Test
  void aBlobThatIsGoneFailsTheRequest() {
    Reader reader = new Reader(1);

    new ChannelBody(
            () -> {
              throw new NotFound("blob is gone");
            },
            5)
        .subscribe(reader);

    assertThat(reader.failure).get().isInstanceOf(NotFound.class);
  }

  private ChannelBody body(long bytes) {
    return new ChannelBody(this::open, bytes);
  }

  private ReadableByteChannel open() {
    return Channels.newChannel(new ByteArrayInputStream(content));
  }

  /// Takes each buffer only after so many more have come, as a client does that has several on
  /// their way.
  private static final class Reader implements Flow.Subscriber<ByteBuffer> {
    private final int behind;
    private final java.util.ArrayDeque<ByteBuffer> waiting = new java.util.ArrayDeque<>();
    private final Set<ByteBuffer> buffers = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private boolean asks = true;
    private Optional<Flow.Subscription> subscription = Optional.empty();
    private Optional<Throwable> failure = Optional.empty();
    private boolean ended;

    private Reader(int behind) {
      this.behind = behind;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = Optional.of(given);
      if (asks) {
        given.request(1);
      }
    }

    @Override
    public void onNext(ByteBuffer piece) {
      buffers.add(piece);
      waiting.add(piece);
      if (waiting.size() >= behind) {
        takeFirst();
      }
      subscription.orElseThrow().request(1);
    }

    @Override
    public void onError(Throwable cause) {
      failure = Optional.of(cause);
    }

    @Override
    public void onComplete() {
      while (!waiting.isEmpty()) {
        takeFirst();
      }
      ended = true;
    }

    private void takeFirst() {
      ByteBuffer first = waiting.remove();
      byte[] bytes = new byte[first.remaining()];
      first.get(bytes);
      taken.writeBytes(bytes);
    }
  }
}
