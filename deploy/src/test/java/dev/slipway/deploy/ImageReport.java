package dev.slipway.deploy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What the images of an OCI archive are, as lines of text: configuration, history, and what every
/// layer above the base image holds. Nothing in it depends on the base image's content or on when
/// it was built.
final class ImageReport {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  /// Later times are when the build ran.
  private static final long LAST_FIXED_TIME = 1_700_000_000;

  private static final int SHORT_TEXT = 60;

  private final Map<String, byte[]> files;
  private final List<String> lines = new ArrayList<>();

  private ImageReport(Map<String, byte[]> files) {
    this.files = files;
  }

  static List<String> of(byte[] archive) {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
      Map<String, byte[]> files = new HashMap<>();
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        files.put(entry.getName(), tar.readAllBytes());
      }
      ImageReport report = new ImageReport(files);
      report.index(JSON.readTree(files.get("index.json")));
      return report.lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] blob(JsonNode descriptor) {
    return files.get("blobs/" + descriptor.path("digest").asString().replace(':', '/'));
  }

  private void index(JsonNode index) throws IOException {
    for (JsonNode descriptor : index.path("manifests")) {
      JsonNode content = JSON.readTree(blob(descriptor));
      if (content.has("manifests")) {
        index(content);
      } else {
        image(content);
      }
    }
  }

  private void image(JsonNode manifest) throws IOException {
    JsonNode config = JSON.readTree(blob(manifest.path("config")));
    sorted(config)
        .forEach(
            (key, value) -> {
              switch (key) {
                case "rootfs", "history" -> {}
                case "config" ->
                    sorted(value)
                        .forEach((name, each) -> lines.add("config." + name + " " + text(each)));
                default -> lines.add(key + " " + text(value));
              }
            });
    boolean hasBase = false;
    for (JsonNode entry : config.path("history")) {
      hasBase |= entry.path("created_by").asString("").equals("make-base-images");
      lines.add(
          "history "
              + entry.path("created").asString("").replaceFirst("^202[4-9]-.*|^20[3-9].*", "now")
              + " "
              + entry.path("created_by").asString("")
              + (entry.has("comment") ? " | " + entry.path("comment").asString() : "")
              + (entry.has("author") ? " by " + entry.path("author").asString() : "")
              + (entry.path("empty_layer").asBoolean(false) ? " (empty)" : ""));
    }
    int number = 0;
    for (JsonNode layer : manifest.path("layers")) {
      number++;
      if (number > 1 || !hasBase) {
        lines.add("layer " + number);
        layer(blob(layer));
      }
    }
  }

  private static Map<String, JsonNode> sorted(JsonNode object) {
    Map<String, JsonNode> sorted = new TreeMap<>();
    object.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  private static String text(JsonNode node) {
    String text = JSON.writeValueAsString(JSON.treeToValue(node, Object.class));
    return node.isString() ? text.replaceFirst("^\"20(2[4-9]|[3-9]).*Z\"$", "now") : text;
  }

  private void layer(byte[] blob) throws IOException {
    InputStream bytes = new ByteArrayInputStream(blob);
    boolean zipped = blob.length > 1 && (blob[0] & 0xff) == 0x1f && (blob[1] & 0xff) == 0x8b;
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(zipped ? new GZIPInputStream(bytes) : bytes)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        lines.add("  " + describe(entry, tar.readAllBytes()));
      }
    }
  }

  private static String describe(TarArchiveEntry entry, byte[] content) {
    long seconds = entry.getLastModifiedTime().toInstant().getEpochSecond();
    StringBuilder line = new StringBuilder();
    line.append((char) entry.getLinkFlag())
        .append(
            " %o %d:%d ".formatted(entry.getMode(), entry.getLongUserId(), entry.getLongGroupId()))
        .append(seconds > LAST_FIXED_TIME ? "now" : String.valueOf(seconds))
        .append(' ')
        .append(entry.getName());
    if (!entry.getLinkName().isEmpty()) {
      line.append(" -> ").append(entry.getLinkName());
    }
    if (entry.isFile()) {
      line.append(' ').append(shown(content));
    }
    new TreeMap<>(entry.getExtraPaxHeaders())
        .forEach(
            (key, value) -> {
              if (key.startsWith("SCHILY.xattr.")) {
                line.append(' ').append(key).append('=').append(value);
              }
            });
    return line.toString();
  }

  private static String shown(byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    if (text.length() <= SHORT_TEXT
        && text.chars().allMatch(c -> c == '\n' || c >= ' ' && c < 127)) {
      return text(JSON.valueToTree(text));
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return content.length + " bytes " + HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
