package dev.slipway.image;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Conflict;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unsupported;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.ImageConfig;
import dev.slipway.oci.Index;
import dev.slipway.oci.Manifest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.Platform;
import dev.slipway.oci.PlatformMatcher;
import dev.slipway.oci.json.OciJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads images: resolves, chooses the platform's manifest, keeps the documents in the content store. Thread-safe.
public final class ImageReader {
  /// Largest document accepted, in bytes.
  public static final int MAX_DOCUMENT = 8 << 20;

  private static final int MAX_NESTING = 4;

  private final ContentStore store;

  public ImageReader(ContentStore store) {
    this.store = store;
  }

  /// The image for that platform.
  ///
  /// @throws NotFound there is no such image, or `no match for platform in manifest`
  public ResolvedImage read(ImageOrigin origin, Descriptor root, Platform platform) {
    Chosen chosen = choose(origin, root, new PlatformMatcher(platform), 0);
    return new ResolvedImage(root, chosen.descriptor, chosen.manifest, document(origin, chosen.manifest.config()), origin.layers());
  }

  /// A document from the store, or from the origin and then kept.
  public byte[] document(ImageOrigin origin, Descriptor descriptor) {
    Optional<byte[]> kept = kept(descriptor);
    if (kept.isPresent()) {
      return kept.get();
    }
    byte[] bytes = origin.fetch(descriptor);
    keep(descriptor, bytes, origin);
    return bytes;
  }

  /// A document that is in the store.
  public Optional<byte[]> kept(Descriptor descriptor) {
    if (store.find(descriptor.digest()).filter(info -> info.bytes() <= MAX_DOCUMENT).isEmpty()) {
      return Optional.empty();
    }
    try (SeekableByteChannel channel = store.open(descriptor.digest())) {
      ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // Goes on until the buffer is full.
      }
      return Optional.of(bytes.array());
    } catch (NotFound collected) {
      return Optional.empty();
    } catch (IOException failed) {
      throw new CorruptData("reading " + descriptor.digest() + ": " + failed.getMessage(), failed);
    }
  }

  private void keep(Descriptor descriptor, byte[] bytes, ImageOrigin origin) {
    try (Ingest ingest = store.ingest(descriptor.digest().toString())) {
      ingest.truncate();
      ingest.write(ByteBuffer.wrap(bytes));
      ingest.commit(Optional.of(descriptor.digest()), OptionalLong.of(bytes.length), origin.labels());
    } catch (Conflict kept) {
      // Another build keeps the same document just now.
    }
  }

  private Chosen choose(ImageOrigin origin, Descriptor descriptor, PlatformMatcher matcher, int depth) {
    requireKnown(descriptor, depth);
    byte[] bytes = document(origin, descriptor);
    boolean index = descriptor.mediaType().isIndex() || !descriptor.mediaType().isManifest() && isIndex(bytes);
    if (!index) {
      return new Chosen(descriptor, manifest(bytes, descriptor));
    }
    Optional<BuildFailure> last = Optional.empty();
    for (Descriptor candidate : candidates(OciJson.index(bytes), matcher)) {
      try {
        Chosen chosen = choose(origin, candidate, matcher, depth + 1);
        if (candidate.platform().isPresent() || matcher.matches(platformOf(origin, chosen.manifest))) {
          return chosen;
        }
      } catch (NotFound missing) {
        last = Optional.of(missing);
      }
    }
    throw last.orElseGet(() -> new NotFound("no match for platform in manifest: not found"));
  }

  private static void requireKnown(Descriptor descriptor, int depth) {
    String type = descriptor.mediaType().value();
    if (type.startsWith("application/vnd.docker.distribution.manifest.v1+")) {
      throw new Unsupported(
          "support Docker Image manifest version 2, schema 1 has been removed. More information at"
              + " https://docs.docker.com/go/deprecated-image-specs/");
    }
    if (depth > MAX_NESTING) {
      throw new InvalidRequest("image index is nested too deeply");
    }
  }

  /// The best match; when none says that it matches, those that do not say what they run on.
  private static List<Descriptor> candidates(Index index, PlatformMatcher matcher) {
    List<Descriptor> told = index.manifests().stream().filter(each -> each.platform().isPresent()).toList();
    Optional<Descriptor> best = matcher.best(told, each -> each.platform().orElseThrow());
    if (best.isPresent()) {
      return List.of(best.get());
    }
    return index.manifests().stream().filter(each -> each.platform().isEmpty()).toList();
  }

  private Platform platformOf(ImageOrigin origin, Manifest manifest) {
    ImageConfig config = OciJson.config(document(origin, manifest.config()));
    return config.platform();
  }

  private static Manifest manifest(byte[] bytes, Descriptor descriptor) {
    Manifest manifest = OciJson.manifest(bytes);
    if (manifest.artifactType().isPresent() && !manifest.config().mediaType().isConfig()) {
      throw new InvalidRequest("manifest " + descriptor.digest() + " is no image but " + manifest.artifactType().get());
    }
    return manifest;
  }

  private static boolean isIndex(byte[] bytes) {
    return OciJson.mediaTypeOf(bytes).map(MediaType::isIndex).orElse(false);
  }

  private record Chosen(Descriptor descriptor, Manifest manifest) {}
}
