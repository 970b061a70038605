package dev.slipway.app;

import dev.slipway.app.DaemonServices.Foundation;
import dev.slipway.content.ContentStore;
import dev.slipway.content.FileContentStore;
import dev.slipway.contenthash.TreeHasher;
import dev.slipway.image.LayerFetchers;
import dev.slipway.kernel.Kernel;
import dev.slipway.layer.LayerApplier;
import dev.slipway.layer.LayerConverter;
import dev.slipway.layer.OverlayLayerWriter;
import dev.slipway.op.RefResultStore;
import dev.slipway.ref.LayerFetcher;
import dev.slipway.ref.LayerTools;
import dev.slipway.ref.SnapshotRefStore;
import dev.slipway.ref.Trees;
import dev.slipway.remotecache.LayerBlobs;
import dev.slipway.remotecache.local.LocalCache;
import dev.slipway.remotecache.object.PlaceLayers;
import dev.slipway.remotecache.registry.RegistryCache;
import dev.slipway.session.ContentClient;
import dev.slipway.source.KnownTrees;
import dev.slipway.source.image.RegistryLayerFetcher;
import dev.slipway.source.ocilayout.LayoutLayerFetcher;
import java.nio.file.Path;
import java.util.Map;

/// What the daemon keeps: blobs, file trees, and what is known of both.
///
/// @param known trees that sources made before
record Holdings(
    FileContentStore content,
    SnapshotRefStore refs,
    LayerConverter converter,
    TreeHasher hasher,
    KnownTrees known) {
  static Holdings open(Ground ground, Reach reach, Foundation foundation, Lifecycle parts) {
    Path root = foundation.config().root();
    Kernel kernel = ground.kernel();
    FileContentStore content =
        parts.add(
            "content",
            FileContentStore.open(
                root.resolve("content"),
                ground.database(),
                foundation.clock(),
                kernel::startWriteback));
    LayerConverter converter = new LayerConverter(content, kernel);
    SnapshotRefStore refs =
        parts.add(
            "refs",
            SnapshotRefStore.open(
                Trees.on(ground.storage().snapshotter(), ground.storage().mounter(), kernel, root),
                new LayerTools(
                    layerFetcher(
                        content,
                        reach,
                        new PlaceLayers(content, reach.places(), foundation.clock())),
                    new LayerApplier(kernel),
                    new OverlayLayerWriter(kernel),
                    converter::recompress),
                content,
                ground.database(),
                foundation.clock()));
    TreeHasher hasher =
        parts.add("content hasher", TreeHasher.open(kernel, ground.database(), refs));
    KnownTrees known = new KnownTrees(ground.database());
    refs.onRemoved(id -> ground.keys().removeResult(id.value()));
    refs.onRemoved(known::forget);
    return new Holdings(content, refs, converter, hasher, known);
  }

  private static LayerFetcher layerFetcher(ContentStore content, Reach reach, PlaceLayers objects) {
    return new LayerFetchers(
        Map.of(
            RegistryCache.KIND,
            new RegistryLayerFetcher(reach.registries().fetcher(), content, reach.credentials()),
            RegistryCache.INSECURE_KIND,
            new RegistryLayerFetcher(
                reach.registries().insecureFetcher(), content, reach.credentials()),
            "oci-layout",
            new LayoutLayerFetcher(content, reach.sessions(), ContentClient::new),
            LocalCache.KIND,
            new LayoutLayerFetcher(
                content, reach.sessions(), ContentClient::new, LocalCache.PREFIX),
            "s3",
            objects,
            "azblob",
            objects,
            "gha",
            objects));
  }

  /// Layers as remote caches need them.
  LayerBlobs cacheLayers() {
    return new LayerBlobs(content, refs.fetcher());
  }

  /// Results of steps, of which some are elsewhere as long as those places can be reached.
  RefResultStore results(Reach reach) {
    return new RefResultStore(
        refs,
        layer ->
            LocalCache.isObtainable(layer, content, reach.sessions())
                && reach.places().isObtainable(layer, content));
  }
}
