package dev.slipway.client.layout;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The blobs of a layout that nothing in its index leads to, found before any is removed: a
/// manifest that cannot be read leaves everything as it is. Confined to one thread.
final class UnreferencedBlobs {
  private static final int LARGEST_MANIFEST = 16 << 20;

  private final OciLayout layout;
  private final Set<Digest> referenced = new HashSet<>();

  private UnreferencedBlobs(OciLayout layout) {
    this.layout = layout;
  }

  /// Removes them.
  ///
  /// @param roots descriptors of the index
  /// @param blobs the directory of directories of blobs
  /// @throws BuildFailure a manifest is missing or broken, or a file cannot be removed
  static void remove(OciLayout layout, List<JsonNode> roots, Path blobs) {
    UnreferencedBlobs unreferenced = new UnreferencedBlobs(layout);
    unreferenced.follow(roots);
    try {
      for (Path file : unreferenced.among(blobs)) {
        Files.deleteIfExists(file);
      }
    } catch (IOException failure) {
      throw new Unavailable("cannot clear " + blobs + ": " + failure.getMessage(), failure);
    }
  }

  private void follow(List<JsonNode> roots) {
    Deque<JsonNode> ahead = new ArrayDeque<>(roots);
    while (!ahead.isEmpty()) {
      JsonNode descriptor = ahead.pop();
      Digest digest = digest(descriptor);
      MediaType type = new MediaType(descriptor.path("mediaType").asString(""));
      if (referenced.add(digest) && (type.isIndex() || type.isManifest())) {
        JsonNode manifest = manifest(digest);
        manifest.path("manifests").forEach(ahead::push);
        manifest.path("layers").forEach(ahead::push);
        if (manifest.has("config")) {
          ahead.push(manifest.path("config"));
        }
      }
    }
  }

  private static Digest digest(JsonNode descriptor) {
    String text = descriptor.path("digest").asString("");
    if (!Digest.isDigest(text)) {
      throw new CorruptData("a descriptor without a digest: " + descriptor);
    }
    return Digest.parse(text);
  }

  private JsonNode manifest(Digest digest) {
    OciLayout.BlobFile file =
        layout.find(digest).orElseThrow(() -> new NotFound("no manifest " + digest));
    if (file.bytes() > LARGEST_MANIFEST) {
      throw new CorruptData("manifest " + digest + " has more than " + LARGEST_MANIFEST + " bytes");
    }
    try {
      return JsonMapper.shared().readTree(Files.readAllBytes(file.path()));
    } catch (IOException failure) {
      throw new Unavailable("cannot read " + file.path() + ": " + failure.getMessage(), failure);
    } catch (JacksonException broken) {
      throw new CorruptData(
          "manifest " + digest + " is broken: " + broken.getOriginalMessage(), broken);
    }
  }

  /// What is no blob by its name stays.
  private List<Path> among(Path blobs) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> algorithms = Files.newDirectoryStream(blobs, Files::isDirectory)) {
      for (Path algorithm : algorithms) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(algorithm)) {
          for (Path file : files) {
            String name = algorithm.getFileName() + ":" + file.getFileName();
            if (Digest.isDigest(name) && !referenced.contains(Digest.parse(name))) {
              found.add(file);
            }
          }
        }
      }
    }
    return found;
  }
}
