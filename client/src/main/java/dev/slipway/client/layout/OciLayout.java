package dev.slipway.client.layout;

import dev.slipway.failure.BuildFailure;
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
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A directory of blobs by digest with an index of names. Only what is inside the directory, links
/// resolved, is ever opened. Thread-safe: holds no state of its own.
public final class OciLayout {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String IMAGE_NAME = "io.containerd.image.name";

  /// What follows the repository: a tag, or a digest with its `@`.
  private static final Pattern TAGGED = Pattern.compile(".*/[^/:@]+(?::|(?=@))([^/]+)");

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

  /// Opens the layout, first making its directory when absent.
  public static OciLayout create(Path directory) {
    try {
      Files.createDirectories(directory);
      return open(directory);
    } catch (IOException failed) {
      throw new Unavailable("cannot make " + directory + ": " + failed.getMessage(), failed);
    }
  }

  /// The digest of the image with this name or tag; where the index lists one image only, that
  /// one's whatever its name.
  ///
  /// @throws NotFound no such image, or no index
  public Digest resolve(String name) {
    List<JsonNode> manifests = manifests(readIndex());
    return named(name, manifests)
        .or(() -> manifests.size() == 1 ? Optional.of(manifests.getFirst()) : Optional.empty())
        .map(manifest -> Digest.parse(manifest.path("digest").asString("")))
        .orElseThrow(
            () ->
                new NotFound(
                    "no image \"" + name + "\" in " + index() + "; it has " + names(manifests)));
  }

  /// The digest that the index has under this tag or name.
  ///
  /// @throws NotFound no index
  public Optional<Digest> find(String name) {
    return named(name, manifests(readIndex()))
        .map(manifest -> Digest.parse(manifest.path("digest").asString("")));
  }

  private static Optional<JsonNode> named(String name, List<JsonNode> manifests) {
    return Stream.of(IMAGE_NAME, REF_NAME)
        .flatMap(key -> manifests.stream().filter(each -> name.equals(annotation(each, key))))
        .findFirst();
  }

  /// Notes a blob of this layout under a tag, in place of what had that tag. The index is replaced
  /// whole; of two processes that note at the same moment the later one wins.
  ///
  /// @param descriptor as JSON
  public void tag(String descriptor, String tag) {
    note(descriptor, Map.of(REF_NAME, tag));
  }

  /// Notes an image of this layout under its name, as [#tag] does. The tag in the name becomes the
  /// layout's tag (BuildKit v0.32.2, `client/ociindex`).
  ///
  /// @param descriptor as JSON
  public void name(String descriptor, String name) {
    Matcher tagged = TAGGED.matcher(name);
    String tag = tagged.matches() ? tagged.group(1) : name;
    note(descriptor, Map.of(IMAGE_NAME, name, REF_NAME, tag));
  }

  /// @param names annotations; what has the same ones goes
  private void note(String descriptor, Map<String, String> names) {
    try {
      ObjectNode noted = (ObjectNode) JsonMapper.shared().readTree(descriptor);
      names.forEach(noted.withObject("/annotations")::put);
      ObjectNode index =
          Files.exists(index()) ? readIndex() : JsonMapper.shared().createObjectNode();
      List<JsonNode> kept =
          manifests(index).stream()
              .filter(
                  each ->
                      !Stream.of(REF_NAME, IMAGE_NAME)
                          .allMatch(
                              key -> annotation(each, key).equals(names.getOrDefault(key, ""))))
              .toList();
      index.put("schemaVersion", 2);
      index.put("mediaType", "application/vnd.oci.image.index.v1+json");
      index.putArray("manifests").addAll(kept).add(noted);
      replace("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
      replace("index.json", JsonMapper.shared().writeValueAsString(index));
    } catch (IOException failed) {
      throw new Unavailable("cannot write " + index() + ": " + failed.getMessage(), failed);
    } catch (JacksonException | ClassCastException broken) {
      throw new CorruptData("the daemon's descriptor is none: " + broken.getMessage(), broken);
    }
  }

  private void replace(String name, String text) throws IOException {
    Path aside = directory.resolve(name + ".part");
    Files.writeString(aside, text);
    Files.move(
        aside,
        directory.resolve(name),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  /// Removes the blobs that nothing in the index leads to. What another process is just writing
  /// here is lost to it.
  ///
  /// @throws BuildFailure there is no index, or a manifest that it leads to is missing or broken;
  ///   nothing is removed then
  public void removeUnreferenced() {
    UnreferencedBlobs.remove(this, manifests(readIndex()), directory.resolve("blobs"));
  }

  /// Begins a blob. Caller closes.
  public BlobIngest ingest(Digest expected) throws IOException {
    return BlobIngest.open(directory.resolve("blobs"), directory.resolve("ingest"), expected);
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

  private static List<JsonNode> manifests(JsonNode index) {
    List<JsonNode> manifests = new ArrayList<>();
    index.path("manifests").forEach(manifests::add);
    return manifests;
  }

  private ObjectNode readIndex() {
    try (InputStream in = Files.newInputStream(inside(index()))) {
      byte[] text = in.readNBytes(LARGEST_INDEX + 1);
      if (text.length > LARGEST_INDEX) {
        throw new InvalidRequest(index() + " has more than " + LARGEST_INDEX + " bytes");
      }
      if (JsonMapper.shared().readTree(text) instanceof ObjectNode read) {
        return read;
      }
      throw new CorruptData(index() + " is no JSON object");
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
