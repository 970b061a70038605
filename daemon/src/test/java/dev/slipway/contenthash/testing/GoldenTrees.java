package dev.slipway.contenthash.testing;

import dev.slipway.contenthash.ContentHasher.Selection;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The recorded trees, and what is asked about them with the answers.
public final class GoldenTrees {
  private static final JsonMapper JSON = new JsonMapper();

  private GoldenTrees() {}

  /// @param type `file`, `dir`, `symlink`, `hardlink`, `fifo`
  /// @param target of links of both kinds
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record GoldenEntry(
      String path,
      String type,
      int mode,
      int uid,
      int gid,
      byte[] data,
      String target,
      Map<String, byte[]> xattrs,
      long modified) {}

  /// @param digest the answer, when there is one
  /// @param error its text otherwise
  public record GoldenCase(
      String tree, Selection selection, Optional<String> digest, Optional<String> error) {
    @Override
    public String toString() {
      return tree + " " + selection;
    }
  }

  public static Map<String, List<GoldenEntry>> trees() {
    Map<String, List<GoldenEntry>> trees = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> tree : JSON.readTree(resource("trees.json")).properties()) {
      List<GoldenEntry> entries = new ArrayList<>();
      tree.getValue().forEach(entry -> entries.add(entry(entry)));
      trees.put(tree.getKey(), entries);
    }
    return trees;
  }

  public static List<GoldenCase> cases() {
    return resource("cases.jsonl").lines().map(JSON::readTree).map(GoldenTrees::oneCase).toList();
  }

  private static GoldenEntry entry(JsonNode entry) {
    Map<String, byte[]> xattrs = new LinkedHashMap<>();
    entry
        .path("xattrsHex")
        .properties()
        .forEach(
            xattr ->
                xattrs.put(xattr.getKey(), HexFormat.of().parseHex(xattr.getValue().asString())));
    byte[] data =
        entry.has("dataHex")
            ? HexFormat.of().parseHex(entry.path("dataHex").asString())
            : entry.path("data").asString("").getBytes(StandardCharsets.UTF_8);
    return new GoldenEntry(
        entry.path("path").asString(),
        entry.path("type").asString(),
        Integer.parseInt(entry.path("mode").asString("0"), 8),
        entry.path("uid").asInt(),
        entry.path("gid").asInt(),
        data,
        entry.path("target").asString(""),
        xattrs,
        entry.path("mtime").asLong());
  }

  private static GoldenCase oneCase(JsonNode one) {
    Selection selection =
        new Selection(
            one.path("path").asString(""),
            one.path("followLinks").asBoolean(false),
            one.path("wildcard").asBoolean(false),
            texts(one.path("include")),
            texts(one.path("exclude")),
            texts(one.path("required")));
    return new GoldenCase(
        one.path("tree").asString(), selection, text(one, "digest"), text(one, "error"));
  }

  private static Optional<String> text(JsonNode one, String field) {
    return one.has(field) ? Optional.of(one.path(field).asString()) : Optional.empty();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asString()));
    return texts;
  }

  private static String resource(String name) {
    try (InputStream in = GoldenTrees.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
