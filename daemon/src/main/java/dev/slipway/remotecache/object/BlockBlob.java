package dev.slipway.remotecache.object;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.NotFound;
import dev.slipway.registry.HttpAnswer;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A block blob of Azure Storage at its URL: small ones in one request, large ones as blocks that a
/// list makes one. See "Put Blob", "Put Block" and "Put Block List" of the Blob service's REST API.
/// Thread-safe.
///
/// @param uri with the query that opens it, where it needs one
public record BlockBlob(ObjectExchange exchange, URI uri) {
  /// The newest version whose meaning this class relies on; older emulators know it.
  public static final String VERSION = "2021-12-02";

  private static final long BLOCK = 32L << 20;
  private static final int MOST_BLOCKS = 50_000;

  /// Length in bytes; empty when it is not there.
  public OptionalLong find() {
    return exchange.run(
        request("HEAD", uri),
        Set.of(200, 404),
        answer -> {
          if (answer.status() == 200) {
            return answer.contentLength();
          }
          String code = answer.header("x-ms-error-code").orElse("BlobNotFound");
          if (code.equals("BlobNotFound") || code.equals("ContainerNotFound")) {
            return OptionalLong.empty();
          }
          throw new NotFound("blob " + AnswerFailures.place(answer) + ": " + code);
        });
  }

  /// Everything, if it is there.
  public Optional<byte[]> read(int atMost) {
    return exchange.run(
        request("GET", uri),
        Set.of(200, 404),
        answer ->
            answer.status() == 200
                ? Optional.of(ObjectExchange.body(answer, atMost))
                : Optional.empty());
  }

  /// The bytes from there on. Caller closes.
  ///
  /// @throws NotFound
  public InputStream open(long offset) {
    ObjectRequest whole = request("GET", uri);
    HttpAnswer answer =
        offset == 0
            ? exchange.open(whole, Set.of(200, 206))
            : exchange.open(whole.with("x-ms-range", "bytes=" + offset + "-"), Set.of(206));
    return answer.body();
  }

  /// Writes over whatever is there.
  public void write(byte[] bytes) {
    ObjectRequest put =
        request("PUT", uri)
            .with("x-ms-blob-type", "BlockBlob")
            .with("content-type", "application/octet-stream")
            .with(bytes);
    exchange.run(put, Set.of(201), _ -> true);
  }

  /// Writes a blob that never changes.
  public void write(Parts parts) {
    write(parts, request -> request);
  }

  /// As [#write(Parts)], unless it is there already.
  public void writeOnce(Parts parts) {
    try {
      write(parts, request -> request.with("if-none-match", "*"));
    } catch (AlreadyExists there) {
      // Named by its digest: what is there is the same.
    }
  }

  private void write(Parts parts, UnaryOperator<ObjectRequest> condition) {
    if (parts.bytes() <= BLOCK) {
      ObjectRequest put =
          request("PUT", uri)
              .with("x-ms-blob-type", "BlockBlob")
              .with("content-type", "application/octet-stream")
              .with(parts.body(parts.whole()));
      exchange.run(condition.apply(put), Set.of(201), _ -> true);
      return;
    }
    long size = Math.max(BLOCK, (parts.bytes() + MOST_BLOCKS - 1) / MOST_BLOCKS);
    List<String> blocks = Parts.each(parts.bytes(), size, part -> block(parts, part));
    StringBuilder list = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
    blocks.forEach(id -> list.append("<Latest>").append(id).append("</Latest>"));
    list.append("</BlockList>");
    ObjectRequest commit =
        request("PUT", and("comp=blocklist"))
            .with("content-type", "application/xml")
            .with(list.toString().getBytes(StandardCharsets.UTF_8));
    exchange.run(condition.apply(commit), Set.of(201), _ -> true);
  }

  private String block(Parts parts, Parts.Part part) {
    String name = String.format(Locale.ROOT, "%08d", part.number());
    String id = Base64.getEncoder().encodeToString(name.getBytes(StandardCharsets.UTF_8));
    ObjectRequest put =
        request("PUT", and("comp=block&blockid=" + UrlText.encoded(id)))
            .with("content-type", "application/octet-stream")
            .with(parts.body(part));
    exchange.run(put, Set.of(201), _ -> true);
    return id;
  }

  private URI and(String query) {
    String text = uri.toString();
    return URI.create(text + (uri.getRawQuery() == null ? "?" : "&") + query);
  }

  private static ObjectRequest request(String method, URI uri) {
    return ObjectRequest.of(method, uri).with("x-ms-version", VERSION);
  }
}
