package dev.slipway.remotecache.object.testing;

import dev.slipway.oci.json.GoJson;
import dev.slipway.remotecache.object.testing.ObjectServer.Answer;
import dev.slipway.remotecache.object.testing.ObjectServer.Asked;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The cache service of GitHub Actions in both its versions: entries that never change, are there
/// once they are finished, and are found by the start of their key, the newest first. Bytes of
/// version 2 lie in a blob storage of its own, below `/storage/cache`.
public final class FakeActionsCache implements ObjectServer.Store {
  private static final String TWIRP = "/twirp/github.actions.results.api.v1.CacheService/";
  private static final String REST = "/_apis/artifactcache/";

  private final String token;
  private final FakeBlobStorage storage;
  private final List<Entry> entries = new CopyOnWriteArrayList<>();
  private final Map<String, byte[]> pieces = new ConcurrentHashMap<>();
  private final AtomicInteger number = new AtomicInteger();
  private volatile String url = "";
  private volatile String signature = "signature1";

  private static final class Entry {
    private final String id;
    private final String key;
    private final String version;
    private volatile boolean finished;

    private Entry(String id, String key, String version) {
      this.id = id;
      this.key = key;
      this.version = version;
    }
  }

  public FakeActionsCache(String token) {
    this.token = token;
    this.storage = new FakeBlobStorage(asked -> signature.equals(asked.query().get("sig")));
    storage.makeContainer("/storage/cache");
  }

  /// Where the service is; needed for the addresses it gives out.
  public void at(String address) {
    url = address;
  }

  /// Addresses given out so far are no longer accepted.
  public void expireAddresses() {
    signature = "signature" + number.incrementAndGet();
  }

  /// Keys of finished entries, oldest first.
  public List<String> keys() {
    return entries.stream().filter(entry -> entry.finished).map(entry -> entry.key).toList();
  }

  /// A reservation that nobody will finish.
  public void reserve(String key, String version) {
    entries.add(new Entry("lost", key, version));
  }

  /// An entry with the bytes of another.
  public void copy(String from, String to) {
    Entry entry = open(from);
    Entry copy = new Entry(entry.id, to, entry.version);
    copy.finished = true;
    entries.add(copy);
  }

  public void remove(String key) {
    Entry entry = open(key);
    entries.remove(entry);
    pieces.remove(entry.id);
    storage.remove("/cache/" + entry.id);
  }

  @Override
  public Answer answer(Asked asked) throws java.io.IOException {
    if (asked.path().startsWith("/storage/")) {
      return storage.answer(asked);
    }
    if (asked.path().startsWith("/archive/")) {
      return archive(asked);
    }
    if (asked.path().startsWith("/repos/")) {
      return listing(asked);
    }
    if (!asked.header("authorization").equals("Bearer " + token)) {
      return Answer.of(401, "{\"code\":\"unauthenticated\",\"msg\":\"bad token\"}");
    }
    if (asked.path().startsWith(TWIRP)) {
      return twirp(asked.path().substring(TWIRP.length()), json(asked.body()));
    }
    return asked.path().startsWith(REST)
        ? rest(asked, asked.path().substring(REST.length()))
        : Answer.of(404);
  }

  private Answer twirp(String method, JsonNode body) {
    String key = body.path("key").asString();
    String version = body.path("version").asString();
    return switch (method) {
      case "GetCacheEntryDownloadURL" -> {
        Optional<Entry> found = find(body.path("restore_keys").path(0).asString(key), version);
        yield ok(
            found.isPresent(),
            Map.of(
                "matched_key",
                found.map(entry -> entry.key).orElse(""),
                "signed_download_url",
                found.map(entry -> place(entry.id)).orElse("")));
      }
      case "CreateCacheEntry" -> {
        Optional<Entry> mine = reserved(key, version);
        yield mine.isEmpty()
            ? Answer.of(409, "{\"code\":\"already_exists\",\"msg\":\"cache entry already exists\"}")
            : ok(true, Map.of("signed_upload_url", place(mine.get().id)));
      }
      case "FinalizeCacheEntryUpload" -> {
        Entry entry = open(key);
        byte[] bytes = storage.blobs().get("/storage/cache/" + entry.id);
        boolean whole = bytes != null && bytes.length == body.path("size_bytes").asLong();
        entry.finished = whole;
        yield ok(whole, Map.of("entry_id", entry.id));
      }
      default -> Answer.of(404);
    };
  }

  private Answer rest(Asked asked, String path) {
    String id = path.substring(path.indexOf('/') + 1);
    if (asked.method().equals("GET")) {
      return find(asked.query().getOrDefault("keys", ""), asked.query().getOrDefault("version", ""))
          .map(
              entry ->
                  ok(
                      true,
                      Map.of(
                          "cacheKey", entry.key, "archiveLocation", url + "/archive/" + entry.id)))
          .orElseGet(() -> Answer.of(204));
    }
    if (asked.method().equals("PATCH")) {
      String[] range =
          asked
              .header("content-range")
              .replaceAll("bytes ([0-9]+)-([0-9]+)/\\*", "$1 $2")
              .split(" ");
      int end = Integer.parseInt(range[1]) + 1;
      pieces.merge(
          id, placed(asked.body(), Integer.parseInt(range[0]), end), FakeActionsCache::merged);
      return Answer.of(204);
    }
    JsonNode body = json(asked.body());
    if (path.equals("caches")) {
      Optional<Entry> mine = reserved(body.path("key").asString(), body.path("version").asString());
      return mine.map(entry -> ok(true, Map.of("cacheID", Integer.parseInt(entry.id))))
          .orElseGet(
              () ->
                  Answer.of(
                      409,
                      "\uFEFF{\"message\":\"Cache already exists.\",\"typeKey\":\"ArtifactCacheItemAlreadyExistsException\"}"));
    }
    Entry entry = entries.stream().filter(each -> each.id.equals(id)).findFirst().orElseThrow();
    if (pieces.getOrDefault(id, new byte[0]).length != body.path("size").asLong()) {
      return Answer.of(400, "{\"message\":\"wrong size\"}");
    }
    entry.finished = true;
    return Answer.of(204);
  }

  private Answer archive(Asked asked) {
    byte[] bytes = pieces.get(asked.path().substring("/archive/".length()));
    return bytes == null ? Answer.of(404) : Answer.of(bytes, asked.from("range"));
  }

  private Answer listing(Asked asked) {
    String prefix = asked.query().getOrDefault("key", "");
    List<String> keys = keys().stream().filter(key -> key.startsWith(prefix)).toList();
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("total_count", keys.size());
    json.put(
        "actions_caches",
        keys.stream().map(key -> new LinkedHashMap<>(Map.of("key", key))).toList());
    return Answer.of(200, new String(GoJson.compact(json), StandardCharsets.UTF_8));
  }

  private Optional<Entry> find(String prefix, String version) {
    return entries.stream()
        .filter(entry -> entry.finished && entry.version.equals(version))
        .filter(entry -> entry.key.startsWith(prefix))
        .reduce((_, newer) -> newer);
  }

  private synchronized Optional<Entry> reserved(String key, String version) {
    if (entries.stream()
        .anyMatch(entry -> entry.key.equals(key) && entry.version.equals(version))) {
      return Optional.empty();
    }
    Entry entry = new Entry(Integer.toString(number.incrementAndGet()), key, version);
    entries.add(entry);
    return Optional.of(entry);
  }

  private Entry open(String key) {
    return entries.stream().filter(each -> each.key.equals(key)).findFirst().orElseThrow();
  }

  private String place(String id) {
    return url + "/storage/cache/" + id + "?sig=" + signature;
  }

  private static byte[] placed(byte[] piece, int start, int end) {
    byte[] all = new byte[end];
    System.arraycopy(piece, 0, all, start, piece.length);
    return all;
  }

  private static byte[] merged(byte[] one, byte[] other) {
    byte[] all = Arrays.copyOf(one, Math.max(one.length, other.length));
    for (int i = 0; i < other.length; i++) {
      all[i] |= other[i];
    }
    return all;
  }

  private static Answer ok(boolean ok, Map<String, Object> members) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("ok", ok);
    json.putAll(members);
    return Answer.of(200, new String(GoJson.compact(json), StandardCharsets.UTF_8));
  }

  private static JsonNode json(byte[] bytes) {
    return JsonMapper.shared().readTree(bytes);
  }
}
