package dev.slipway.remotecache.object.testing;

import dev.slipway.oci.Digest;
import dev.slipway.remotecache.object.testing.ObjectServer.Answer;
import dev.slipway.remotecache.object.testing.ObjectServer.Asked;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// One bucket of S3, addressed by path. It takes no request without a signature, and none whose
/// body is not the one whose hash was signed; whether the signature is right it does not check.
public final class FakeS3 implements ObjectServer.Store {
  private final String bucket;
  private final Map<String, Stored> objects = new ConcurrentHashMap<>();
  private final Map<String, Map<Integer, byte[]>> uploads = new ConcurrentHashMap<>();
  private final AtomicInteger number = new AtomicInteger();

  private record Stored(byte[] bytes, Instant changed) {}

  public FakeS3(String bucket) {
    this.bucket = bucket;
  }

  public Map<String, byte[]> objects() {
    Map<String, byte[]> all = new TreeMap<>();
    objects.forEach((key, stored) -> all.put(key, stored.bytes()));
    return all;
  }

  public Instant changed(String key) {
    return stored(key).changed();
  }

  public void setChanged(String key, Instant time) {
    objects.put(key, new Stored(stored(key).bytes(), time));
  }

  public void put(String key, byte[] bytes) {
    objects.put(key, new Stored(bytes.clone(), Instant.now()));
  }

  /// Removes every object whose key starts with that.
  public void remove(String prefix) {
    objects.keySet().removeIf(key -> key.startsWith(prefix));
  }

  /// Uploads that were begun and neither finished nor given up.
  public int openUploads() {
    return uploads.size();
  }

  private Stored stored(String key) {
    return java.util.Objects.requireNonNull(objects.get(key), key);
  }

  @Override
  public Answer answer(Asked asked) {
    if (!asked.header("authorization").startsWith("AWS4-HMAC-SHA256 Credential=key/")) {
      return error(403, "AccessDenied", "Access Denied");
    }
    if (!Digest.ofBytes(asked.body()).hex().equals(asked.header("x-amz-content-sha256"))) {
      return error(400, "XAmzContentSHA256Mismatch", "the body is not what was signed");
    }
    if (!asked.path().startsWith("/" + bucket + "/")) {
      return error(404, "NoSuchBucket", "The specified bucket does not exist");
    }
    String key = asked.path().substring(bucket.length() + 2);
    String upload = asked.query().getOrDefault("uploadId", "");
    return switch (asked.method()) {
      case "HEAD" -> head(key);
      case "GET" ->
          objects.containsKey(key)
              ? Answer.of(stored(key).bytes(), asked.from("range"))
              : error(404, "NoSuchKey", "The specified key does not exist.");
      case "PUT" -> upload.isEmpty() ? put(key, asked) : part(upload, asked);
      case "POST" -> upload.isEmpty() ? begin() : complete(key, upload);
      case "DELETE" -> {
        uploads.remove(upload);
        yield Answer.of(204);
      }
      default -> Answer.of(405);
    };
  }

  private Answer head(String key) {
    if (!objects.containsKey(key)) {
      return Answer.of(404);
    }
    Stored stored = stored(key);
    return Answer.of(200)
        .with("Content-Length", Integer.toString(stored.bytes().length))
        .with(
            "Last-Modified",
            DateTimeFormatter.RFC_1123_DATE_TIME.format(stored.changed().atOffset(ZoneOffset.UTC)));
  }

  private Answer put(String key, Asked asked) {
    byte[] bytes = content(asked);
    objects.put(key, new Stored(bytes, Instant.now()));
    String tag = "\"" + Digest.ofBytes(bytes).hex() + "\"";
    return asked.headers().containsKey("x-amz-copy-source")
        ? Answer.of(200, "<CopyObjectResult><ETag>" + tag + "</ETag></CopyObjectResult>")
        : Answer.of(200).with("ETag", tag);
  }

  private Answer part(String upload, Asked asked) {
    byte[] bytes = content(asked);
    int part = Integer.parseInt(asked.query().getOrDefault("partNumber", "0"));
    Map<Integer, byte[]> parts = java.util.Objects.requireNonNull(uploads.get(upload));
    parts.put(part, bytes);
    return Answer.of(200).with("ETag", "\"" + Digest.ofBytes(bytes).hex() + "\"");
  }

  /// The body, or what it says is to be copied.
  private byte[] content(Asked asked) {
    String source = asked.header("x-amz-copy-source");
    if (source.isEmpty()) {
      return asked.body();
    }
    String key =
        java.net.URLDecoder.decode(source, java.nio.charset.StandardCharsets.UTF_8)
            .substring(bucket.length() + 1);
    byte[] all = stored(key).bytes();
    String range = asked.header("x-amz-copy-source-range");
    if (range.isEmpty()) {
      return all;
    }
    String[] ends = range.substring("bytes=".length()).split("-");
    return Arrays.copyOfRange(all, Integer.parseInt(ends[0]), Integer.parseInt(ends[1]) + 1);
  }

  private Answer begin() {
    String id = "upload/" + number.incrementAndGet() + "+";
    uploads.put(id, new ConcurrentHashMap<>());
    return Answer.of(
        200,
        "<InitiateMultipartUploadResult><UploadId>"
            + id
            + "</UploadId></InitiateMultipartUploadResult>");
  }

  private Answer complete(String key, String upload) {
    Map<Integer, byte[]> parts = uploads.remove(upload);
    if (parts == null) {
      return error(404, "NoSuchUpload", "The specified upload does not exist.");
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    new TreeMap<>(parts).values().forEach(all::writeBytes);
    objects.put(key, new Stored(all.toByteArray(), Instant.now()));
    return Answer.of(
        200,
        "<CompleteMultipartUploadResult><ETag>&quot;all&quot;</ETag></CompleteMultipartUploadResult>");
  }

  private static Answer error(int status, String code, String message) {
    return Answer.of(
        status,
        "<?xml version=\"1.0\"?><Error><Code>"
            + code
            + "</Code><Message>"
            + message
            + "</Message></Error>");
  }
}
