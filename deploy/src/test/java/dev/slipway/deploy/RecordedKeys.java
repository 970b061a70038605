package dev.slipway.deploy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.api.ops.Definition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Definitions of every op and attribute, with the records of the cache that the genuine buildkitd
/// (v0.32.2) exported for each when it was solved without a cache (`type=local,mode=max`), and what
/// they build on: two base images, files offered over HTTP.
///
/// Where the genuine daemon exports nothing, because the head has no inputs, the definition is the
/// one with a file more on top.
///
/// @param folder where the archive was unpacked
record RecordedKeys(Path folder) {
  private static final JsonMapper JSON = new JsonMapper();

  /// @param into becomes a folder
  static RecordedKeys unpack(Path into) {
    UnpackedResource.unpack("/recorded-keys.zip", into);
    return new RecordedKeys(into);
  }

  /// @param locals tree by local name
  /// @param stores base image by the name of an OCI store
  /// @param secrets text by id
  record Case(
      String name,
      String note,
      Definition definition,
      Map<String, String> locals,
      Map<String, String> stores,
      Map<String, String> secrets,
      List<String> entitlements,
      JsonNode cache) {
    @Override
    public String toString() {
      return name + " (" + note + ")";
    }
  }

  List<Case> cases() {
    try {
      return Files.readAllLines(folder.resolve("cases.jsonl")).stream()
          .map(line -> oneCase(JSON.readTree(line)))
          .toList();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static Case oneCase(JsonNode one) {
    List<String> entitlements = new ArrayList<>();
    one.path("entitlements").forEach(each -> entitlements.add(each.asString()));
    try {
      return new Case(
          one.path("name").asString(),
          one.path("note").asString(),
          Definition.parseFrom(Base64.getDecoder().decode(one.path("definition").asString())),
          texts(one.path("locals")),
          texts(one.path("ociStores")),
          texts(one.path("secrets")),
          entitlements,
          one.path("cache"));
    } catch (InvalidProtocolBufferException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /// The OCI layout of a base image.
  Path layout(String image) {
    return folder.resolve(image);
  }

  /// @param headers of the answer
  record Download(String body, Map<String, String> headers) {}

  /// What is offered over HTTP, by path.
  Map<String, Download> downloads() {
    Map<String, Download> downloads = new TreeMap<>();
    try {
      JSON.readTree(Files.readString(folder.resolve("http.json")))
          .properties()
          .forEach(
              path ->
                  downloads.put(
                      path.getKey(),
                      new Download(
                          path.getValue().path("body").asString(),
                          texts(path.getValue().path("headers")))));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return downloads;
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asString()));
    return texts;
  }
}
