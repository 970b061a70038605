package dev.slipway.image;

import dev.slipway.content.ContentStore;
import dev.slipway.failure.BuildFailure;
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
import java.util.List;
import java.util.Optional;

/// Reads images: resolves, chooses the platform's manifest, keeps the documents in the content
/// store. Thread-safe.
public final class ImageReader {
  private static final int MAX_NESTING = 4;

  private final Documents documents;

  public ImageReader(ContentStore store) {
    this.documents = new Documents(store);
  }

  /// The image for that platform.
  ///
  /// @throws NotFound there is no such image, or `no match for platform in manifest`
  public ResolvedImage read(ImageOrigin origin, Descriptor root, Platform platform) {
    Manifest manifest = choose(origin, root, new PlatformMatcher(platform), 0);
    return new ResolvedImage(root, manifest, document(origin, manifest.config()), origin.layers());
  }

  /// A document from the store, or from the origin and then kept.
  public byte[] document(ImageOrigin origin, Descriptor descriptor) {
    Optional<byte[]> kept = documents.find(descriptor.digest());
    if (kept.isPresent()) {
      return kept.get();
    }
    byte[] bytes = origin.fetch(descriptor);
    documents.keep(bytes, origin.labels());
    return bytes;
  }

  private Manifest choose(
      ImageOrigin origin, Descriptor descriptor, PlatformMatcher matcher, int depth) {
    requireKnown(descriptor, depth);
    byte[] bytes = document(origin, descriptor);
    boolean index =
        descriptor.mediaType().isIndex()
            || (!descriptor.mediaType().isManifest() && isIndex(bytes));
    if (!index) {
      return manifest(bytes, descriptor);
    }
    Optional<BuildFailure> last = Optional.empty();
    for (Descriptor candidate : candidates(OciJson.index(bytes), matcher)) {
      try {
        Manifest chosen = choose(origin, candidate, matcher, depth + 1);
        if (candidate.platform().isPresent() || matcher.matches(platformOf(origin, chosen))) {
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
    List<Descriptor> told =
        index.manifests().stream().filter(each -> each.platform().isPresent()).toList();
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
      throw new InvalidRequest(
          "manifest " + descriptor.digest() + " is no image but " + manifest.artifactType().get());
    }
    return manifest;
  }

  private static boolean isIndex(byte[] bytes) {
    return OciJson.mediaTypeOf(bytes).map(MediaType::isIndex).orElse(false);
  }
}
