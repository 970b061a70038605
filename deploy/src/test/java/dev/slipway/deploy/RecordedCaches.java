package dev.slipway.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the genuine buildkitd (v0.32.2) exported for a set of builds: an OCI layout that is the
/// local cache of each build under its name, and images to be put into a registry: the base image,
/// each build's registry cache (`cache:NAME`), each build's result with its cache in it
/// (`inline:NAME`).
///
/// Every step writes something random, which is recorded too: a build that shows it again has not
/// executed that step.
///
/// @param folder where the archive was unpacked
record RecordedCaches(Path folder) {
  private static final JsonMapper JSON = new JsonMapper();

  /// @param into becomes a folder
  static RecordedCaches unpack(Path into) {
    UnpackedResource.unpack("/recorded-caches.zip", into);
    return new RecordedCaches(into);
  }

  List<String> names() {
    try (var cases = Files.list(folder.resolve("cases"))) {
      return cases.map(path -> path.getFileName().toString()).sorted().toList();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// The layout with the local caches.
  Path layout() {
    return folder;
  }

  /// The context of a Dockerfile's build, with the Dockerfile.
  Path context(String name) {
    return folder.resolve("cases").resolve(name).resolve("context");
  }

  /// What the Dockerfile frontend was told.
  Map<String, String> options(String name) {
    Map<String, String> options = new TreeMap<>();
    try (var lines = Files.lines(folder.resolve("cases").resolve(name).resolve("options"))) {
      lines
          .map(line -> line.split("=", 2))
          .forEach(option -> options.put(option[0], option.length > 1 ? option[1] : ""));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return options;
  }

  /// The build's definition, when it is none of a Dockerfile.
  Optional<Path> definition(String name) {
    return Optional.of(folder.resolve("cases").resolve(name).resolve("definition.pb"))
        .filter(Files::exists);
  }

  /// What the build's result was: path to SHA-256 of the content, or to a link's target.
  Map<String, String> result(String name) {
    Map<String, String> files = new TreeMap<>();
    read(folder.resolve("results").resolve(name + ".json"))
        .properties()
        .forEach(file -> files.put(file.getKey(), file.getValue().asString()));
    return files;
  }

  /// Puts all images into a registry.
  ///
  /// @param host `host:port`, plain HTTP
  void pushTo(String host) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (JsonNode image : read(folder.resolve("images.json"))) {
        String repository = image.path("repository").asString();
        pushManifest(
            client,
            "http://" + host + "/v2/" + repository,
            image.path("digest").asString(),
            image.path("mediaType").asString(),
            image.path("tag").asString());
      }
    }
  }

  private void pushManifest(
      HttpClient client, String repository, String digest, String type, String tag) {
    JsonNode manifest = read(blob(digest));
    for (JsonNode child : manifest.path("manifests")) {
      String childDigest = child.path("digest").asString();
      pushManifest(
          client, repository, childDigest, child.path("mediaType").asString(), childDigest);
    }
    if (manifest.has("config")) {
      pushBlob(client, repository, manifest.path("config").path("digest").asString());
    }
    for (JsonNode layer : manifest.path("layers")) {
      pushBlob(client, repository, layer.path("digest").asString());
    }
    send(
        client,
        HttpRequest.newBuilder(URI.create(repository + "/manifests/" + tag))
            .header("Content-Type", type)
            .PUT(BodyPublishers.ofByteArray(bytes(blob(digest)))));
  }

  private void pushBlob(HttpClient client, String repository, String digest) {
    String upload =
        send(
                client,
                HttpRequest.newBuilder(URI.create(repository + "/blobs/uploads/"))
                    .POST(BodyPublishers.noBody()))
            .headers()
            .firstValue("Location")
            .orElseThrow();
    send(
        client,
        HttpRequest.newBuilder(
                URI.create(upload + (upload.contains("?") ? "&" : "?") + "digest=" + digest))
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(bytes(blob(digest)))));
  }

  private static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request) {
    try {
      HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
      if (answer.statusCode() >= 300) {
        throw new AssertionError(answer + " " + answer.body());
      }
      return answer;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private Path blob(String digest) {
    return folder.resolve("blobs").resolve(digest.replace(':', '/'));
  }

  private static JsonNode read(Path file) {
    return JSON.readTree(bytes(file));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
