package dev.slipway.registry;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.IngestReader;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Digest;
import dev.slipway.registry.Pusher.Outcome;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/// Sends one blob while it is still being written: its bytes as they come, in one request, and its
/// digest when it is known. Then it may turn out that the repository has the blob, and what was
/// sent is given up. Everything is tried once. Runs once.
final class StreamedUpload {
  private final RegistryClient client;
  private final Exchange exchange;
  private final Repository repository;
  private final IngestReader source;
  private final LongConsumer progress;
  private final AtomicBoolean opened = new AtomicBoolean();
  private final CountDownLatch sent = new CountDownLatch(1);
  private volatile boolean enough;

  /// @param exchange without second attempts: what was read is not read again
  StreamedUpload(
      RegistryClient client,
      Exchange exchange,
      Repository repository,
      IngestReader source,
      LongConsumer progress) {
    this.client = client;
    this.exchange = exchange;
    this.repository = repository;
    this.source = source;
    this.progress = progress;
  }

  /// Returns when the repository has the blob, or somebody else is bringing it there.
  ///
  /// @throws BuildFailure it came to nothing; what was sent is given up
  Outcome run() {
    UploadSession session =
        UploadSession.begin(exchange, repository, "")
            .orElseThrow(() -> new Unavailable("registry began no upload"));
    try {
      Outcome outcome = send(session);
      if (outcome != Outcome.SENT) {
        session.giveUp();
      }
      return outcome;
    } catch (BuildFailure failure) {
      session.giveUp();
      if (!(failure instanceof Cancelled) && !source.isGivenUp()) {
        client.refusals().note(endpoint(), failure);
      }
      throw failure;
    }
  }

  private Outcome send(UploadSession session) {
    try (TaskScope scope = TaskScope.open("end of a streamed blob")) {
      TaskScope.Forked<Outcome> end = scope.fork(() -> end(session));
      session.add(
          Map.of("Content-Type", "application/octet-stream"),
          new HttpSender.Body(this::open, OptionalLong.empty()));
      sent.countDown();
      return end.result();
    }
  }

  /// Waits for the digest, then for all to be sent, unless nobody needs it. Meanwhile others are
  /// kept from sending the same. For a turn it does not wait: who has one may wait for a slot, and
  /// this upload has one.
  private Outcome end(UploadSession session) {
    BlobInfo blob =
        source.awaitEnd().orElseThrow(() -> new NotFound("the blob was never finished"));
    Optional<UploadTurns.Turn> turn =
        client.turns().tryTake(endpoint(), repository.name(), blob.digest());
    if (turn.isEmpty()) {
      enough = true;
      return Outcome.THERE_ALREADY;
    }
    try (UploadTurns.Turn _ = turn.get()) {
      if (isThere(blob.digest())) {
        enough = true;
      } else {
        awaitSent();
        session.end(blob.digest(), HttpSender.Body.of(new byte[0]));
      }
      client.seen().note(endpoint(), repository.name(), blob.digest());
      return enough ? Outcome.THERE_ALREADY : Outcome.SENT;
    }
  }

  private boolean isThere(Digest blob) {
    try {
      return client.seen().has(endpoint(), repository.name(), blob)
          || repository.has(exchange, blob);
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure unknown) {
      return false;
    }
  }

  private void awaitSent() {
    try {
      sent.await();
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  private Endpoint endpoint() {
    return repository.endpoints().getFirst();
  }

  private ReadableByteChannel open() {
    if (!opened.compareAndSet(false, true)) {
      throw new Unavailable("an upload cannot begin again while its blob is being written");
    }
    return new CountingChannel(new Ending(), Long.MAX_VALUE, progress);
  }

  /// The source, until there is enough of it.
  private final class Ending implements ReadableByteChannel {
    @Override
    public int read(ByteBuffer target) throws IOException {
      return enough ? -1 : source.read(target);
    }

    @Override
    public boolean isOpen() {
      return source.isOpen();
    }

    @Override
    public void close() {
      source.close();
    }
  }
}
