package dev.slipway.remotecache.object.testing;

import dev.slipway.remotecache.object.testing.ObjectServer.Answer;
import dev.slipway.remotecache.object.testing.ObjectServer.Asked;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Azure's Blob Storage: containers, and block blobs in them, below `/account/container/name`.
public final class FakeBlobStorage implements ObjectServer.Store {
  private static final Pattern BLOCK = Pattern.compile("<Latest>([^<]+)</Latest>");

  private final Predicate<Asked> allowed;
  private final Set<String> containers = ConcurrentHashMap.newKeySet();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, Map<String, byte[]>> blocks = new ConcurrentHashMap<>();

  /// @param allowed which requests carry what lets them in
  public FakeBlobStorage(Predicate<Asked> allowed) {
    this.allowed = allowed;
  }

  /// By path: `/account/container/name`.
  public Map<String, byte[]> blobs() {
    return new TreeMap<>(blobs);
  }

  public Set<String> containers() {
    return Set.copyOf(containers);
  }

  public void makeContainer(String path) {
    containers.add(path);
  }

  /// Removes every blob whose path has that in it.
  public void remove(String part) {
    blobs.keySet().removeIf(path -> path.contains(part));
  }

  /// Every answer has an id, which Microsoft's clients rely on.
  @Override
  public Answer answer(Asked asked) {
    return answered(asked).with("x-ms-request-id", "00000000-0000-0000-0000-000000000000");
  }

  private Answer answered(Asked asked) {
    if (!allowed.test(asked)) {
      return error(403, "AuthenticationFailed");
    }
    if (asked.header("x-ms-version").isEmpty()) {
      return error(400, "MissingRequiredHeader");
    }
    if ("container".equals(asked.query().get("restype"))) {
      return container(asked);
    }
    String[] names = asked.path().split("/", 4);
    if (names.length < 4 || !containers.contains("/" + names[1] + "/" + names[2])) {
      return error(404, "ContainerNotFound");
    }
    return switch (asked.method()) {
      case "HEAD" ->
          blobs.containsKey(asked.path())
              ? Answer.of(200).with("Content-Length", Integer.toString(blob(asked.path()).length))
              : error(404, "BlobNotFound");
      case "GET" ->
          blobs.containsKey(asked.path())
              ? Answer.of(blob(asked.path()), asked.from("x-ms-range"))
              : error(404, "BlobNotFound");
      case "PUT" -> put(asked);
      default -> Answer.of(405);
    };
  }

  private byte[] blob(String path) {
    return java.util.Objects.requireNonNull(blobs.get(path), path);
  }

  private Answer container(Asked asked) {
    if (asked.method().equals("PUT")) {
      return containers.add(asked.path()) ? Answer.of(201) : error(409, "ContainerAlreadyExists");
    }
    return containers.contains(asked.path()) ? Answer.of(200) : error(404, "ContainerNotFound");
  }

  private Answer put(Asked asked) {
    String what = asked.query().getOrDefault("comp", "");
    if (what.equals("block")) {
      blocks
          .computeIfAbsent(asked.path(), _ -> new ConcurrentHashMap<>())
          .put(asked.query().getOrDefault("blockid", ""), asked.body());
      return Answer.of(201);
    }
    if (asked.header("if-none-match").equals("*") && blobs.containsKey(asked.path())) {
      return error(409, "BlobAlreadyExists");
    }
    if (what.equals("blocklist")) {
      return commit(asked);
    }
    if (!asked.header("x-ms-blob-type").equals("BlockBlob")) {
      return error(400, "MissingRequiredHeader");
    }
    blobs.put(asked.path(), asked.body());
    return Answer.of(201);
  }

  private Answer commit(Asked asked) {
    Map<String, byte[]> staged = blocks.getOrDefault(asked.path(), Map.of());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Matcher each = BLOCK.matcher(new String(asked.body(), StandardCharsets.UTF_8));
    while (each.find()) {
      byte[] block = staged.get(each.group(1));
      if (block == null) {
        return error(400, "InvalidBlockList");
      }
      all.writeBytes(block);
    }
    blobs.put(asked.path(), all.toByteArray());
    blocks.remove(asked.path());
    return Answer.of(201);
  }

  private static Answer error(int status, String code) {
    return Answer.of(
            status,
            "<?xml version=\"1.0\"?><Error><Code>"
                + code
                + "</Code><Message>refused</Message></Error>")
        .with("x-ms-error-code", code);
  }
}
