package dev.slipway.source.image;

import dev.slipway.content.ContentStore;
import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.image.ImageReader;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.Platform;
import dev.slipway.ref.FetchContext;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.RegistryClient;
import dev.slipway.session.SessionGroup;
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

  /// @param source of scheme `docker-image`, its name full or short
  /// @throws dev.slipway.failure.BuildFailure without the context that BuildKit puts in front
  ///   (`failed to resolve source metadata for …`)
  public ResolvedSource resolve(SourceOp source, SourceQuery query, FetchContext context) {
    String mode = query.image().mode();
    ImageSource.requireResolveMode(mode.isEmpty() ? "default" : mode);
    ImageReference name = ImageReference.parse(source.rest()).withDefaultTag();
    RegistryOrigin origin =
        new RegistryOrigin(client, store, name, credentials.apply(context.sessions()));
    Descriptor root = origin.resolve();
    ImageReader reader = new ImageReader(store);
    Platform platform = query.image().platform();
    byte[] config =
        query.image().noConfig() ? new byte[0] : reader.read(origin, root, platform).config();
    ResolvedSource image =
        ResolvedSource.of(source, new ResolvedImage(name.toString(), root.digest(), config));
    return query.attestations().chain()
        ? new AttestationChains(reader, origin)
            .of(root, platform, query.attestations().predicateTypes())
            .map(image::with)
            .orElse(image)
        : image;
  }
}
