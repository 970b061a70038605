package dev.slipway.client.layout;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A directory of blobs by digest with an index of names. Only what is inside the directory, links
/// resolved, is ever opened. Thread-safe: holds no state of its own.
public final class OciLayout {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String IMAGE_NAME = "io.containerd.image.name";
  private static final int LARGEST_INDEX = 4 << 20;

  private final Path directory;

  private OciLayout(Path directory) {
    this.directory = directory;
  }

  /// @param path absolute, links resolved
  /// @param bytes length of the file
  public record BlobFile(Digest digest, Path path, long bytes, Instant modified) {}

  /// @throws NotFound there is no such directory
  public static OciLayout open(Path directory) {
    try {
      Path real = directory.toRealPath();
      if (!Files.isDirectory(real)) {
        throw new InvalidRequest("invalid store at " + directory + ": not a directory");
      }
      return new OciLayout(real);
    } catch (NoSuchFileException absent) {
      throw new NotFound("invalid store at " + directory + ": no such directory");
    } catch (IOException failed) {
      throw new Unavailable("invalid store at " + directory + ": " + failed.getMessage(), failed);
    }
  }

  /// The digest of the image with this name or tag; where the index lists one image only, that
  /// one's whatever its name.
  ///
  /// @throws NotFound no such image, or no index
  public Digest resolve(String name) {
    List<JsonNode> manifests = manifests();
    return Stream.of(IMAGE_NAME, REF_NAME)
        .flatMap(key -> manifests.stream().filter(each -> name.equals(annotation(each, key))))
        .findFirst()
        .or(() -> manifests.size() == 1 ? Optional.of(manifests.getFirst()) : Optional.empty())
        .map(manifest -> Digest.parse(manifest.path("digest").asString("")))
        .orElseThrow(
            () ->
                new NotFound(
                    "no image \"" + name + "\" in " + index() + "; it has " + names(manifests)));
  }

  private static String names(List<JsonNode> manifests) {
    List<String> names =
        manifests.stream()
            .map(manifest -> annotation(manifest, REF_NAME))
            .filter(name -> !name.isEmpty())
            .limit(20)
            .toList();
    return names.isEmpty() ? "no names" : String.join(", ", names);
  }

  private static String annotation(JsonNode manifest, String key) {
    return manifest.path("annotations").path(key).asString("");
  }

  private Path index() {
    return directory.resolve("index.json");
  }

  private List<JsonNode> manifests() {
    try (InputStream in = Files.newInputStream(inside(index()))) {
      byte[] text = in.readNBytes(LARGEST_INDEX + 1);
      if (text.length > LARGEST_INDEX) {
        throw new InvalidRequest(index() + " has more than " + LARGEST_INDEX + " bytes");
      }
      List<JsonNode> manifests = new ArrayList<>();
      JsonMapper.shared().readTree(text).path("manifests").forEach(manifests::add);
      return manifests;
    } catch (NoSuchFileException absent) {
      throw new NotFound("could not read " + index() + ": no such file, so no OCI image layout");
    } catch (IOException failed) {
      throw new Unavailable("could not read " + index() + ": " + failed.getMessage(), failed);
    } catch (JacksonException broken) {
      throw new CorruptData(
          "could not unmarshal " + index() + ": " + broken.getOriginalMessage(), broken);
    }
  }

  /// The file of a blob; its bytes are as they are, not compared with the digest yet.
  ///
  /// @throws Denied the file is a link out of the layout
  public Optional<BlobFile> find(Digest digest) {
    try {
      Path file =
          inside(directory.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex()));
      BasicFileAttributes about = Files.readAttributes(file, BasicFileAttributes.class);
      return about.isRegularFile()
          ? Optional.of(
              new BlobFile(digest, file, about.size(), about.lastModifiedTime().toInstant()))
          : Optional.empty();
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException failed) {
      throw new Unavailable(
          "reading blob " + digest + " in " + directory + ": " + failed.getMessage(), failed);
    }
  }

  private Path inside(Path path) throws IOException {
    Path real = path.toRealPath();
    if (!real.startsWith(directory)) {
      throw new Denied(path + " leads out of the layout, to " + real);
    }
    return real;
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
