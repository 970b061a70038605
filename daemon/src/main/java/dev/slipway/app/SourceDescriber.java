package dev.slipway.app;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import dev.slipway.frontend.FrontendBridge.OciStore;
import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.llb.SourceOp;
import dev.slipway.ref.FetchContext;
import dev.slipway.source.SourceMetadata;
import dev.slipway.source.git.GitSource;
import dev.slipway.source.http.HttpSource;
import dev.slipway.source.image.ImageMetadataResolver;
import dev.slipway.source.ocilayout.OciLayoutSource;
import java.util.Optional;

/// Sends the question what a source is to the kind of source that knows. Thread-safe.
final class SourceDescriber implements SourceMetadata {
  private final ImageMetadataResolver images;
  private final OciLayoutSource layouts;
  private final HttpSource downloads;
  private final GitSource repositories;

  SourceDescriber(
      ImageMetadataResolver images,
      OciLayoutSource layouts,
      HttpSource downloads,
      GitSource repositories) {
    this.images = images;
    this.layouts = layouts;
    this.downloads = downloads;
    this.repositories = repositories;
  }

  @Override
  public ResolvedSource resolve(SourceOp source, SourceQuery query, FetchContext context) {
    return switch (source.scheme()) {
      case "docker-image" -> ofImage(source, query, context);
      case "oci-layout" -> ofLayout(source, query, context);
      case "http", "https" ->
          ResolvedSource.of(source, downloads.metadata(source, query.checksum(), context));
      case "git" ->
          ResolvedSource.of(source, repositories.metadata(source, query.gitObjects(), context));
      default -> ResolvedSource.only(source);
    };
  }

  @Override
  public SourceOp canonical(SourceOp source) {
    if (!source.scheme().equals("git")) {
      return source;
    }
    try {
      return new SourceOp(GitSource.canonical(source), source.attributes());
    } catch (InvalidRequest | Unsupported unreadable) {
      return source;
    }
  }

  private ResolvedSource ofImage(SourceOp source, SourceQuery query, FetchContext context) {
    try {
      return images.resolve(source, query, context);
    } catch (BuildFailure failure) {
      throw failure.in("failed to resolve source metadata for " + source.rest());
    }
  }

  private ResolvedSource ofLayout(SourceOp source, SourceQuery query, FetchContext context) {
    Optional<OciStore> store = query.image().store();
    String session =
        store.map(OciStore::sessionId).orElse(source.attributes().getOrDefault("oci.session", ""));
    String name =
        store.map(OciStore::storeId).orElse(source.attributes().getOrDefault("oci.store", ""));
    try {
      var image = layouts.metadata(source.rest(), session, name, query.image().platform(), context);
      return ResolvedSource.of(
          source, new ResolvedImage(source.rest(), image.root().digest(), image.config()));
    } catch (Unsupported noContent) {
      throw noContent.in("failed to resolve source metadata for " + source.rest());
    }
  }
}
