package dev.slipway.remotecache;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.BlobReader;
import dev.slipway.content.ContentStore;
import dev.slipway.oci.Digest;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerFetcher;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;

/// Blobs of layers for those who have to send them: fetched only when they are read. Thread-safe.
public final class LayerBlobs {
  private final ContentStore store;
  private final LayerFetcher fetcher;

  public LayerBlobs(ContentStore store, LayerFetcher fetcher) {
    this.store = store;
    this.fetcher = fetcher;
  }

  /// That layer's blob, on behalf of those.
  public BlobReader of(CachedLayer layer, FetchContext context) {
    return new BlobReader() {
      @Override
      public Optional<BlobInfo> find(Digest digest) {
        bring();
        return store.find(digest);
      }

      @Override
      public SeekableByteChannel open(Digest digest) {
        bring();
        return store.open(digest);
      }

      private void bring() {
        if (store.find(layer.blob().digest()).isEmpty()) {
          layer.origin().ifPresent(origin -> fetcher.fetch(layer.blob(), origin, context));
        }
      }
    };
  }
}
