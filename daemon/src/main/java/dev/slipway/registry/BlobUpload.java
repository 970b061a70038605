package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Descriptor;
import dev.slipway.registry.Pusher.Content;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// Sends one blob into an upload that the registry began: whole in one request, and where that
/// breaks, the rest in pieces from where the registry says that it has come to. See
/// distribution-spec, "Pushing a blob in chunks". Confined to one thread.
final class BlobUpload {
  /// Largest piece, in bytes.
  private static final long PIECE = 64 << 20;

  /// Breaks in a row without a byte more at the registry before the upload is given up.
  private static final int FRUITLESS = 3;

  /// Codes of the distribution specification.
  private static final Set<String> SPOILT =
      Set.of("BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "SIZE_INVALID");

  private static final Duration PAUSE = Duration.ofMillis(250);

  private final UploadSession session;
  private final Clock clock;
  private final Descriptor blob;
  private final Content content;

  BlobUpload(UploadSession session, Clock clock, Descriptor blob, Content content) {
    this.session = session;
    this.clock = clock;
    this.blob = blob;
    this.content = content;
  }

  /// Returns when the registry has the whole blob.
  ///
  /// @throws Unavailable it broke and cannot go on in this upload; another one may work
  void run() {
    try {
      session.end(blob.digest(), body(0, blob.bytes()));
    } catch (Unavailable broken) {
      if (!(broken.getCause() instanceof IOException) || !Exchange.mayPass(broken)) {
        throw broken;
      }
      goOn(broken);
    }
  }

  /// Whether the registry says that what was sent is lost or not what it should be: true of this
  /// upload, and perhaps not of the next.
  static boolean isSpoilt(BuildFailure failure) {
    if (failure instanceof CorruptData) {
      return true;
    }
    return failure
        .fact(RegistryAnswer.class)
        .filter(answer -> answer.httpStatus() == 416 || SPOILT.contains(answer.code()))
        .isPresent();
  }

  private void goOn(Unavailable first) {
    Unavailable broken = first;
    long reached = 0;
    for (int fruitless = 0; fruitless < FRUITLESS; ) {
      OptionalLong there = session.received(blob.bytes());
      if (there.isEmpty()) {
        throw broken;
      }
      fruitless = there.getAsLong() > reached ? 0 : fruitless + 1;
      reached = there.getAsLong();
      try {
        sendFrom(reached);
        return;
      } catch (Unavailable again) {
        if (!Exchange.mayPass(again)) {
          throw again;
        }
        broken = again;
        clock.sleep(Exchange.pauseAfter(again, PAUSE));
      }
    }
    throw broken;
  }

  private void sendFrom(long offset) {
    long at = offset;
    while (at < blob.bytes()) {
      long end = Math.min(blob.bytes(), at + PIECE);
      session.add(
          Map.of("Content-Type", "application/octet-stream", "Content-Range", at + "-" + (end - 1)),
          body(at, end));
      at = end;
    }
    session.end(blob.digest(), HttpSender.Body.of(new byte[0]));
  }

  private HttpSender.Body body(long from, long end) {
    return new HttpSender.Body(() -> open(from, end), end - from);
  }

  private ReadableByteChannel open(long from, long end) {
    SeekableByteChannel channel = content.blobs().open(blob.digest());
    try {
      channel.position(from);
    } catch (IOException failed) {
      throw new CorruptData("reading blob " + blob.digest() + ": " + failed.getMessage(), failed);
    }
    return new CountingChannel(channel, end - from, sent -> content.progress().accept(from + sent));
  }
}
