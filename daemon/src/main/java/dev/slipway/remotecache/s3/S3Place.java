package dev.slipway.remotecache.s3;

import dev.slipway.content.BlobReader;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.registry.HttpAnswer;
import dev.slipway.remotecache.object.ObjectExchange;
import dev.slipway.remotecache.object.ObjectPlace;
import dev.slipway.remotecache.object.ObjectRequest;
import dev.slipway.remotecache.object.Parts;
import dev.slipway.remotecache.object.UrlText;
import dev.slipway.task.Clock;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A bucket, or a part of one. Thread-safe.
final class S3Place implements ObjectPlace {
  /// Larger blobs are sent in parts.
  private static final long PART = 16L << 20;

  private static final int MOST_PARTS = 10_000;

  /// The most that one request copies.
  private static final long MOST_COPIED = 5L << 30;

  private static final int MAX_TABLE = 32 << 20;

  private final S3Settings settings;
  private final S3Address address;
  private final ObjectExchange exchange;
  private final Clock clock;

  /// @param exchange signs
  S3Place(S3Settings settings, ObjectExchange exchange, Clock clock) {
    this.settings = settings;
    this.address = S3Address.of(settings);
    this.exchange = exchange;
    this.clock = clock;
  }

  @Override
  public String reference() {
    return settings.region() + " " + address.of(settings.prefix() + settings.blobsPrefix());
  }

  @Override
  public int parallelism() {
    return settings.parallelism();
  }

  @Override
  public boolean has(Descriptor blob) {
    URI uri = blobUri(blob);
    Optional<Instant> changed =
        exchange.run(
            ObjectRequest.of("HEAD", uri),
            Set.of(200, 404),
            answer ->
                answer.status() == 200
                        && answer.contentLength().orElse(blob.bytes()) == blob.bytes()
                    ? Optional.of(changedAt(answer))
                    : Optional.empty());
    if (changed.isPresent() && changed.get().isBefore(clock.now().minus(settings.touchRefresh()))) {
      touch(blob, uri);
    }
    return changed.isPresent();
  }

  @Override
  public void put(Descriptor blob, BlobReader content) {
    Parts parts = Parts.of(blob, content);
    URI uri = blobUri(blob);
    if (blob.bytes() <= PART) {
      exchange.run(send(uri, parts, parts.whole()), Set.of(200), _ -> true);
      return;
    }
    long size = Math.max(PART, roundedUp(blob.bytes() / MOST_PARTS));
    new MultipartUpload(exchange, uri)
        .run(
            blob.bytes(),
            size,
            (at, part) ->
                exchange.run(
                    send(at, parts, part),
                    Set.of(200),
                    answer -> answer.header("ETag").orElse("")));
  }

  private static long roundedUp(long bytes) {
    return ((bytes >> 20) + 1) << 20;
  }

  @Override
  public InputStream open(Descriptor blob, long offset) {
    ObjectRequest whole = ObjectRequest.of("GET", blobUri(blob));
    return offset == 0
        ? exchange.open(whole, Set.of(200)).body()
        : exchange.open(whole.with("range", "bytes=" + offset + "-"), Set.of(206)).body();
  }

  @Override
  public List<byte[]> tables() {
    URI uri = address.of(settings.tableKey(settings.names().getFirst()));
    return exchange
        .run(
            ObjectRequest.of("GET", uri),
            Set.of(200, 404),
            answer -> {
              if (answer.status() == 200) {
                return Optional.of(ObjectExchange.body(answer, MAX_TABLE));
              }
              requireBucket(answer);
              return Optional.<byte[]>empty();
            })
        .stream()
        .toList();
  }

  @Override
  public void putTable(byte[] table) {
    for (String name : settings.names()) {
      exchange.run(
          ObjectRequest.of("PUT", address.of(settings.tableKey(name)))
              .with("x-amz-content-sha256", Digest.ofBytes(table).hex())
              .with(table),
          Set.of(200),
          _ -> true);
    }
  }

  private static Instant changedAt(HttpAnswer answer) {
    try {
      return answer
          .header("Last-Modified")
          .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant())
          .orElse(Instant.MAX);
    } catch (DateTimeException unreadable) {
      return Instant.MAX;
    }
  }

  private URI blobUri(Descriptor blob) {
    return address.of(settings.blobKey(blob.digest().toString()));
  }

  private void requireBucket(HttpAnswer answer) {
    String said = new String(answer.errorBody(), StandardCharsets.UTF_8);
    if (said.contains("<Code>NoSuchBucket</Code>")) {
      throw new NotFound(
          "NoSuchBucket: there is no bucket \"" + settings.bucket() + "\" at " + address.of(""));
    }
  }

  private static ObjectRequest send(URI uri, Parts parts, Parts.Part part) {
    return ObjectRequest.of("PUT", uri)
        .with("x-amz-content-sha256", parts.sha256(part))
        .with(parts.body(part));
  }

  /// Copies the object onto itself, which makes it new.
  private void touch(Descriptor blob, URI uri) {
    ObjectRequest copy = copyOf(blob, uri);
    if (blob.bytes() < MOST_COPIED) {
      exchange.run(
          copy.with("x-amz-metadata-directive", "REPLACE")
              .with("x-amz-meta-updated-at", clock.now().toString()),
          Set.of(200),
          answer -> MultipartUpload.said(answer, "ETag"));
      return;
    }
    new MultipartUpload(exchange, uri)
        .run(
            blob.bytes(),
            MOST_COPIED,
            (at, part) ->
                exchange.run(
                    copyOf(blob, at)
                        .with(
                            "x-amz-copy-source-range",
                            "bytes=" + part.offset() + "-" + (part.offset() + part.bytes() - 1)),
                    Set.of(200),
                    answer -> MultipartUpload.said(answer, "ETag")));
  }

  private ObjectRequest copyOf(Descriptor blob, URI to) {
    return ObjectRequest.of("PUT", to)
        .with(
            "x-amz-copy-source",
            UrlText.path(settings.bucket() + "/" + settings.blobKey(blob.digest().toString())));
  }
}
