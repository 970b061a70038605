package dev.slipway.source.image;

import dev.slipway.content.ContentStore;
import dev.slipway.image.ImageReader;
import dev.slipway.image.ResolvedImage;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.Platform;
import dev.slipway.ref.FetchContext;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.RegistryClient;
import dev.slipway.session.SessionGroup;
import java.util.Optional;
import java.util.function.Function;

/// Tells frontends what an image is. Documents stay in the content store, so the build that
/// follows, and later ones, need not fetch them. Thread-safe.
public final class ImageMetadataResolver {
  private final RegistryClient client;
  private final ContentStore store;
  private final Function<SessionGroup, CredentialSource> credentials;

  public ImageMetadataResolver(
      RegistryClient client,
      ContentStore store,
      Function<SessionGroup, CredentialSource> credentials) {
    this.client = client;
    this.store = store;
    this.credentials = credentials;
  }

  /// @param digest of the index or manifest the name points at
  /// @param config the image config's exact bytes; empty when it was not asked for
  public record ImageMetadata(ImageReference name, Digest digest, Optional<byte[]> config) {}

  /// @param reference full or short name
  /// @param mode `default`, `pull` or `local`
  /// @throws dev.slipway.failure.BuildFailure without the context that BuildKit puts in front
  ///   (`failed to resolve source metadata for …`)
  public ImageMetadata resolve(
      String reference, Platform platform, String mode, FetchContext context) {
    ImageSource.requireResolveMode(mode);
    ImageReference name = ImageReference.parse(reference).withDefaultTag();
    RegistryOrigin origin =
        new RegistryOrigin(client, store, name, credentials.apply(context.sessions()));
    Descriptor root = origin.resolve();
    ResolvedImage image = new ImageReader(store).read(origin, root, platform);
    return new ImageMetadata(name, root.digest(), Optional.of(image.config()));
  }

  /// Only what the name points at.
  public ImageMetadata resolveWithoutConfig(String reference, String mode, FetchContext context) {
    ImageSource.requireResolveMode(mode);
    ImageReference name = ImageReference.parse(reference).withDefaultTag();
    Descriptor root =
        new RegistryOrigin(client, store, name, credentials.apply(context.sessions())).resolve();
    return new ImageMetadata(name, root.digest(), Optional.empty());
  }
}
