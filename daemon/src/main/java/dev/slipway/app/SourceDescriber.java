package dev.slipway.app;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unsupported;
import dev.slipway.frontend.FrontendBridge.ImageQuery;
import dev.slipway.frontend.FrontendBridge.OciStore;
import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.frontend.FrontendBridge.ResolvedSource;
import dev.slipway.llb.SourceOp;
import dev.slipway.ref.FetchContext;
import dev.slipway.source.SourceMetadata;
import dev.slipway.source.image.ImageMetadataResolver;
import dev.slipway.source.image.ImageMetadataResolver.ImageMetadata;
import dev.slipway.source.ocilayout.OciLayoutSource;
import java.util.Map;
import java.util.Optional;

/// Sends the question what a source is to the kind of source that knows. Thread-safe.
final class SourceDescriber implements SourceMetadata {
  private final ImageMetadataResolver images;
  private final OciLayoutSource layouts;

  SourceDescriber(ImageMetadataResolver images, OciLayoutSource layouts) {
    this.images = images;
    this.layouts = layouts;
  }

  @Override
  public ResolvedSource resolve(SourceOp source, ImageQuery query, FetchContext context) {
    return switch (source.scheme()) {
      case "docker-image" -> ofImage(source, query, context);
      case "oci-layout" -> ofLayout(source, query, context);
      default -> new ResolvedSource(source, Optional.empty(), Map.of());
    };
  }

  private ResolvedSource ofImage(SourceOp source, ImageQuery query, FetchContext context) {
    try {
      String mode = query.mode().isEmpty() ? "default" : query.mode();
      ImageMetadata image =
          query.noConfig()
              ? images.resolveWithoutConfig(source.rest(), mode, context)
              : images.resolve(source.rest(), query.platform(), mode, context);
      ResolvedImage answer =
          new ResolvedImage(
              image.name().toString(), image.digest(), image.config().orElse(new byte[0]));
      return new ResolvedSource(source, Optional.of(answer), Map.of());
    } catch (BuildFailure failure) {
      throw failure.in("failed to resolve source metadata for " + source.rest());
    }
  }

  private ResolvedSource ofLayout(SourceOp source, ImageQuery query, FetchContext context) {
    Optional<OciStore> store = query.store();
    String session =
        store.map(OciStore::sessionId).orElse(source.attributes().getOrDefault("oci.session", ""));
    String name =
        store.map(OciStore::storeId).orElse(source.attributes().getOrDefault("oci.store", ""));
    try {
      var image = layouts.metadata(source.rest(), session, name, query.platform(), context);
      ResolvedImage answer =
          new ResolvedImage(source.rest(), image.root().digest(), image.config());
      return new ResolvedSource(source, Optional.of(answer), Map.of());
    } catch (Unsupported noContent) {
      throw noContent.in("failed to resolve source metadata for " + source.rest());
    }
  }
}
