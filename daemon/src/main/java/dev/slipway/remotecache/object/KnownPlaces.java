package dev.slipway.remotecache.object;

import dev.slipway.content.BlobReader;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Descriptor;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.ref.RefLayer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The places that builds have read caches from, with the newest credentials of each, so that their
/// layers can be fetched later. In memory only; the least recently used are forgotten. Thread-safe
/// by its own lock.
public final class KnownPlaces {
  private static final int MOST = 256;

  private final Set<String> kinds;
  private final Map<LayerOrigin, ObjectPlace> places = new LinkedHashMap<>(16, 0.75f, true);

  /// @param kinds of origins that are such places
  public KnownPlaces(Set<String> kinds) {
    this.kinds = Set.copyOf(kinds);
  }

  /// Whether the layer can be had: it is here, or came from elsewhere, or its place is known.
  public boolean isObtainable(RefLayer layer, BlobReader content) {
    Optional<LayerOrigin> place = layer.origin().filter(origin -> kinds.contains(origin.kind()));
    return place.isEmpty()
        || find(place.get()).isPresent()
        || layer.blob().flatMap(blob -> content.find(blob.digest())).isPresent();
  }

  synchronized void keep(LayerOrigin origin, ObjectPlace place) {
    places.put(origin, place);
    if (places.size() > MOST) {
      places.remove(places.keySet().iterator().next());
    }
  }

  synchronized Optional<ObjectPlace> find(LayerOrigin origin) {
    return Optional.ofNullable(places.get(origin));
  }

  ObjectPlace require(LayerOrigin origin, Descriptor blob) {
    return find(origin)
        .orElseThrow(
            () ->
                new NotFound(
                    "layer "
                        + blob.digest()
                        + " lies in the "
                        + origin.kind()
                        + " cache "
                        + origin.reference()
                        + ", to which no build has brought credentials since this daemon started"));
  }
}
