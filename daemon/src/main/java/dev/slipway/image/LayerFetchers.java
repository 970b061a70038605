package dev.slipway.image;

import dev.slipway.failure.NotFound;
import dev.slipway.oci.Descriptor;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerFetcher;
import dev.slipway.ref.LayerOrigin;
import java.util.Map;
import java.util.Optional;

/// Hands each layer to the fetcher that understands its origin. Immutable.
public final class LayerFetchers implements LayerFetcher {
  private final Map<String, LayerFetcher> byKind;

  /// @param byKind by [LayerOrigin#kind()]
  public LayerFetchers(Map<String, LayerFetcher> byKind) {
    this.byKind = Map.copyOf(byKind);
  }

  @Override
  public void fetch(Descriptor blob, LayerOrigin origin, FetchContext context) {
    Optional.ofNullable(byKind.get(origin.kind()))
        .orElseThrow(
            () ->
                new NotFound(
                    "layer "
                        + blob.digest()
                        + " came from \""
                        + origin.kind()
                        + "\", which nobody here can fetch from"))
        .fetch(blob, origin, context);
  }
}
