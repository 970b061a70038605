package dev.slipway.source.image;

import dev.slipway.content.ContentStore;
import dev.slipway.image.BlobFlights;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.ImageReference;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerFetcher;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.Fetcher;
import dev.slipway.session.SessionGroup;
import java.util.function.Function;

/// Fetches layers from registries. Thread-safe.
public final class RegistryLayerFetcher implements LayerFetcher {
  private final Fetcher fetcher;
  private final ContentStore store;
  private final Function<SessionGroup, CredentialSource> credentials;
  private final BlobFlights flights = new BlobFlights();

  public RegistryLayerFetcher(
      Fetcher fetcher, ContentStore store, Function<SessionGroup, CredentialSource> credentials) {
    this.fetcher = fetcher;
    this.store = store;
    this.credentials = credentials;
  }

  @Override
  public void fetch(Descriptor blob, LayerOrigin origin, FetchContext context) {
    if (store.find(blob.digest()).isPresent()) {
      return;
    }
    ImageReference name = ImageReference.parse(origin.reference());
    try (VertexProgress.Item item = context.progress().start(blob.digest().toString())) {
      item.update(0, blob.bytes());
      flights.join(
          blob.digest(),
          () ->
              fetcher.blob(
                  name,
                  blob,
                  credentials.apply(context.sessions()),
                  store,
                  done -> item.update(done, blob.bytes())));
      item.update(blob.bytes(), blob.bytes());
    }
  }
}
