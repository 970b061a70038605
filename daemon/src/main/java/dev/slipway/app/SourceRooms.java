package dev.slipway.app;

import dev.slipway.app.DaemonServices.Foundation;
import dev.slipway.kernel.Kernel;
import dev.slipway.session.ContentClient;
import dev.slipway.source.Source;
import dev.slipway.source.blob.BlobSource;
import dev.slipway.source.blob.ContainerBlobs;
import dev.slipway.source.git.GitSource;
import dev.slipway.source.http.HttpSource;
import dev.slipway.source.image.ImageMetadataResolver;
import dev.slipway.source.image.ImageSource;
import dev.slipway.source.local.LocalSource;
import dev.slipway.source.ocilayout.OciLayoutSource;
import java.util.List;

/// Where builds have their files from.
///
/// @param describer tells of sources without fetching them
record SourceRooms(List<Source> sources, SourceDescriber describer) {
  static SourceRooms on(Ground ground, Reach reach, Holdings holdings, Foundation foundation) {
    Kernel kernel = ground.kernel();
    OciLayoutSource layouts =
        new OciLayoutSource(
            holdings.content(), holdings.refs(), reach.sessions(), ContentClient::new);
    HttpSource downloads =
        new HttpSource(
            holdings.refs(), holdings.known(), kernel, reach.http(), Version.userAgent());
    ContainerBlobs blobs =
        new ContainerBlobs(
            reach.registries(),
            holdings.content(),
            reach.credentials(),
            reach.sessions(),
            ContentClient::new);
    GitSource repositories =
        new GitSource(
            holdings.refs(),
            holdings.known(),
            kernel,
            Surroundings.ofGit(System.getenv()),
            RootFolder.make(foundation.config(), "sockets"),
            blobs);
    return new SourceRooms(
        List.of(
            new ImageSource(
                reach.registries(), holdings.content(), holdings.refs(), reach.credentials()),
            layouts,
            LocalSource.open(
                holdings.refs(),
                reach.sessions(),
                kernel,
                new ContentDigests(holdings.hasher()),
                foundation.clock()),
            downloads,
            repositories,
            new BlobSource(holdings.refs(), kernel, blobs)),
        new SourceDescriber(
            new ImageMetadataResolver(reach.registries(), holdings.content(), reach.credentials()),
            layouts,
            downloads,
            repositories));
  }
}
