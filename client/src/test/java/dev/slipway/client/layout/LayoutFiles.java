package dev.slipway.client.layout;

import dev.slipway.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// An OCI image layout made for a test.
public final class LayoutFiles {
  private final Path directory;
  private final List<String> manifests = new ArrayList<>();

  public LayoutFiles(Path directory) {
    this.directory = directory;
  }

  public Path directory() {
    return directory;
  }

  public Path file(Digest digest) {
    return directory.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
  }

  public Digest blob(byte[] bytes) throws IOException {
    Digest digest = Digest.ofBytes(bytes);
    Files.createDirectories(file(digest).getParent());
    Files.write(file(digest), bytes);
    return digest;
  }

  public Digest image(String annotation, String name) throws IOException {
    byte[] manifest =
        ("{\"name\":\"" + name + "\"}").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Digest digest = blob(manifest);
    manifests.add(
        "{\"digest\":\"%s\",\"size\":%d,\"annotations\":{\"%s\":\"%s\"}}"
            .formatted(digest, manifest.length, annotation, name));
    Files.writeString(
        directory.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", manifests) + "]}");
    return digest;
  }
}
