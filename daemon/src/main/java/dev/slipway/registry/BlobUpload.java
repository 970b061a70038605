package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.registry.Pusher.Content;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
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

  private final RegistryClient client;
  private final Repository repository;
  private final Endpoint endpoint;
  private final Descriptor blob;
  private final Content content;
  private String location;

  /// @param location where the registry wants it
  BlobUpload(
      RegistryClient client,
      Repository repository,
      Descriptor blob,
      Content content,
      String location) {
    this.client = client;
    this.repository = repository;
    this.endpoint = repository.endpoints().getFirst();
    this.blob = blob;
    this.content = content;
    this.location = location;
  }

  /// Returns when the registry has the whole blob.
  ///
  /// @throws Unavailable it broke and cannot go on in this upload; another one may work
  void run() {
    try {
      end(0);
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
      OptionalLong there = received();
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
        client.exchange().clock().sleep(Exchange.pauseAfter(again, PAUSE));
      }
    }
    throw broken;
  }

  private void sendFrom(long offset) {
    long at = offset;
    while (at < blob.bytes()) {
      long end = Math.min(blob.bytes(), at + PIECE);
      HttpTransport.Request piece =
          request(
              "PATCH",
              location,
              Map.of(
                  "Content-Type",
                  "application/octet-stream",
                  "Content-Range",
                  at + "-" + (end - 1)),
              Optional.of(body(at, end)));
      try (HttpAnswer answer = client.exchange().send(piece, repository.access())) {
        if (answer.status() != 202 && answer.status() != 204) {
          throw client.exchange().failure(answer, repository.access());
        }
        moved(answer);
      }
      at = end;
    }
    end(blob.bytes());
  }

  /// Sends what is left from there and says that this is all.
  private void end(long from) {
    String separator = location.indexOf('?') < 0 ? "?" : "&";
    String digest = blob.digest().toString().replace(":", "%3A");
    HttpTransport.Request put =
        request(
            "PUT",
            location + separator + "digest=" + digest,
            Map.of("Content-Type", "application/octet-stream"),
            Optional.of(body(from, blob.bytes())));
    try (HttpAnswer answer = client.exchange().send(put, repository.access())) {
      if (answer.status() != 201 && answer.status() != 204) {
        throw client.exchange().failure(answer, repository.access());
      }
      Optional<String> stored = answer.header("Docker-Content-Digest").filter(Digest::isDigest);
      if (stored.isPresent() && !stored.get().equals(blob.digest().toString())) {
        throw new CorruptData("registry stored " + stored.get() + " for " + blob.digest());
      }
    }
  }

  /// How many bytes the registry has of it; empty when it does not say, or no longer knows.
  private OptionalLong received() {
    HttpTransport.Request question = request("GET", location, Map.of(), Optional.empty());
    try (HttpAnswer answer = client.exchange().send(question, repository.access())) {
      Optional<String> range = answer.header("Range").map(text -> text.replace("bytes=", ""));
      if (answer.status() != 204 || !range.orElse("").matches("0-[0-9]{1,18}")) {
        return OptionalLong.empty();
      }
      moved(answer);
      // "0-0" means nothing, or one byte: nobody can tell which.
      long last = Long.parseLong(range.orElseThrow().substring(2));
      return last == 0 || last >= blob.bytes() ? OptionalLong.empty() : OptionalLong.of(last + 1);
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure unknown) {
      return OptionalLong.empty();
    }
  }

  private void moved(HttpAnswer answer) {
    answer
        .header("Location")
        .ifPresent(next -> location = HttpTransport.absolute(answer.uri(), next));
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

  private HttpTransport.Request request(
      String method, String url, Map<String, String> headers, Optional<HttpSender.Body> body) {
    return new HttpTransport.Request(endpoint, method, url, headers, body);
  }
}
