package dev.slipway.remotecache.gha;

import dev.slipway.failure.Unavailable;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import dev.slipway.remotecache.object.ObjectExchange;
import dev.slipway.remotecache.object.ObjectRequest;
import dev.slipway.remotecache.object.Parts;
import dev.slipway.remotecache.object.UrlText;
import java.io.InputStream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Version 1: REST below `_apis/artifactcache`; bytes go through the service in pieces.
///
/// @param signed sends the token along
/// @param plain for addresses that carry their own permission
record CacheServiceV1(String url, ObjectExchange signed, ObjectExchange plain)
    implements CacheService {
  private static final long PIECE = 32L << 20;

  @Override
  public Optional<Entry> find(String key) {
    ObjectRequest request =
        request("GET", "cache?keys=" + UrlText.encoded(key) + "&version=" + VERSION);
    byte[] answer = signed.run(request, Set.of(200, 204), ObjectExchange::text);
    if (answer.length == 0) {
      return Optional.empty();
    }
    JsonNode json = OciJson.object(answer, "cache entry");
    String found = json.path("cacheKey").asString("");
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(new Entry(found, URI.create(json.path("archiveLocation").asString(""))));
  }

  @Override
  public Reservation reserve(String key) {
    SequencedMap<String, Object> body = new LinkedHashMap<>();
    body.put("key", key);
    body.put("version", VERSION);
    ObjectRequest request =
        request("POST", "caches")
            .with("content-type", "application/json")
            .with(GoJson.compact(body));
    JsonNode json =
        OciJson.object(
            signed.run(request, Set.of(200, 201), ObjectExchange::text), "cache reservation");
    long id = json.path("cacheID").asLong(json.path("cacheId").asLong(0));
    if (id == 0) {
      throw new Unavailable("the service reserved " + key + " without an id");
    }
    return new Reservation(Long.toString(id), Long.toString(id));
  }

  @Override
  public void upload(Reservation reservation, Parts parts) {
    Parts.each(
        parts.bytes(),
        PIECE,
        part ->
            signed.run(
                request("PATCH", "caches/" + reservation.id())
                    .with("content-type", "application/octet-stream")
                    .with(
                        "content-range",
                        "bytes " + part.offset() + "-" + (part.offset() + part.bytes() - 1) + "/*")
                    .with(parts.body(part)),
                Set.of(200, 201, 202, 204),
                _ -> true));
  }

  @Override
  public void commit(Reservation reservation, long bytes) {
    SequencedMap<String, Object> body = new LinkedHashMap<>();
    body.put("size", bytes);
    signed.run(
        request("POST", "caches/" + reservation.id())
            .with("content-type", "application/json")
            .with(GoJson.compact(body)),
        Set.of(200, 201, 202, 204),
        _ -> true);
  }

  @Override
  public InputStream open(Entry entry, long offset) {
    ObjectRequest whole = ObjectRequest.of("GET", entry.url());
    return offset == 0
        ? plain.open(whole, Set.of(200, 206)).body()
        : plain.open(whole.with("range", "bytes=" + offset + "-"), Set.of(206)).body();
  }

  private ObjectRequest request(String method, String path) {
    return ObjectRequest.of(method, URI.create(url + "/_apis/artifactcache/" + path))
        .with("accept", "application/json;api-version=6.0-preview.1");
  }
}
