package dev.slipway.remotecache.gha;

import dev.slipway.failure.Unavailable;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import dev.slipway.remotecache.object.BlockBlob;
import dev.slipway.remotecache.object.ObjectExchange;
import dev.slipway.remotecache.object.ObjectRequest;
import dev.slipway.remotecache.object.Parts;
import java.io.InputStream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Version 2: Twirp calls with JSON; bytes go to and come from Azure's Blob Storage at signed
/// addresses.
///
/// @param signed sends the token along
/// @param plain for addresses that carry their own permission
record CacheServiceV2(String url, ObjectExchange signed, ObjectExchange plain)
    implements CacheService {
  @Override
  public Optional<Entry> find(String key) {
    SequencedMap<String, Object> body = new LinkedHashMap<>();
    body.put("key", key);
    body.put("restore_keys", List.of(key));
    body.put("version", VERSION);
    JsonNode json = call("GetCacheEntryDownloadURL", body);
    return json.path("ok").asBoolean(false)
        ? Optional.of(
            new Entry(
                json.path("matched_key").asString(""),
                URI.create(json.path("signed_download_url").asString(""))))
        : Optional.empty();
  }

  @Override
  public Reservation reserve(String key) {
    SequencedMap<String, Object> body = new LinkedHashMap<>();
    body.put("key", key);
    body.put("version", VERSION);
    JsonNode json = call("CreateCacheEntry", body);
    if (!json.path("ok").asBoolean(false)) {
      throw new Unavailable("failed to reserve cache " + key);
    }
    return new Reservation(key, json.path("signed_upload_url").asString(""));
  }

  @Override
  public void upload(Reservation reservation, Parts parts) {
    new BlockBlob(plain, URI.create(reservation.place())).write(parts);
  }

  @Override
  public void commit(Reservation reservation, long bytes) {
    SequencedMap<String, Object> body = new LinkedHashMap<>();
    body.put("key", reservation.id());
    body.put("size_bytes", bytes);
    body.put("version", VERSION);
    if (!call("FinalizeCacheEntryUpload", body).path("ok").asBoolean(false)) {
      throw new Unavailable("failed to commit cache " + reservation.id());
    }
  }

  @Override
  public InputStream open(Entry entry, long offset) {
    return new BlockBlob(plain, entry.url()).open(offset);
  }

  private JsonNode call(String method, SequencedMap<String, Object> body) {
    URI uri = URI.create(url + "/twirp/github.actions.results.api.v1.CacheService/" + method);
    ObjectRequest request =
        ObjectRequest.of("POST", uri)
            .with("content-type", "application/json")
            .with(GoJson.compact(body));
    return OciJson.object(
        signed.run(request, Set.of(200), ObjectExchange::text), "answer to " + method);
  }
}
