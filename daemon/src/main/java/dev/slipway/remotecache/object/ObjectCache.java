package dev.slipway.remotecache.object;

import dev.slipway.content.BlobReader;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.CorruptData;
import dev.slipway.image.GoValues;
import dev.slipway.image.ImageOptions;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.remotecache.CacheConfig;
import dev.slipway.remotecache.CacheJson;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.ExportedCache;
import dev.slipway.remotecache.ImportedConfig;
import dev.slipway.remotecache.LayerBlobs;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Caches in one kind of store. Thread-safe.
public final class ObjectCache implements CacheBackend {
  private final PlaceKind kind;
  private final KnownPlaces known;
  private final BlobReader store;
  private final LayerBlobs blobs;

  /// @param known where layers of this kind are fetched from later
  public ObjectCache(PlaceKind kind, KnownPlaces known, BlobReader store, LayerBlobs blobs) {
    this.kind = kind;
    this.known = known;
    this.store = store;
    this.blobs = blobs;
  }

  @Override
  public String type() {
    return kind.type();
  }

  @Override
  public Target target(Map<String, String> attributes) {
    PlaceKind.Door door = kind.door(attributes);
    LayerCompression compression = ImageOptions.compression(new HashMap<>(attributes), true);
    return new Target() {
      @Override
      public String name() {
        return kind.exportName();
      }

      @Override
      public LayerCompression compression() {
        return compression;
      }

      @Override
      public Map<String, String> write(ExportedCache cache, FetchContext context) {
        new TableWriter(cache, blobs, context).write(() -> door.open(context));
        return Map.of();
      }
    };
  }

  @Override
  public Origin origin(Map<String, String> attributes) {
    PlaceKind.Door door = kind.door(attributes);
    return context -> read(door.open(context));
  }

  @Override
  public boolean has(CachedLayer layer, FetchContext context) {
    Optional<LayerOrigin> origin = layer.origin().filter(from -> from.kind().equals(type()));
    if (origin.isEmpty() || store.find(layer.blob().digest()).isPresent()) {
      return true;
    }
    try {
      return known.find(origin.get()).filter(at -> at.has(layer.blob())).isPresent();
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure unknown) {
      return false;
    }
  }

  private List<ImportedConfig> read(ObjectPlace place) {
    List<byte[]> tables = place.tables();
    LayerOrigin origin = new LayerOrigin(type(), place.reference());
    known.keep(origin, place);
    return tables.stream().map(table -> config(CacheJson.read(table), origin)).toList();
  }

  private static ImportedConfig config(CacheConfig config, LayerOrigin origin) {
    Map<Digest, CachedLayer> layers = new LinkedHashMap<>();
    for (CacheConfig.Layer layer : config.layers()) {
      layers.put(layer.digest(), new CachedLayer(descriptor(layer), Optional.of(origin)));
    }
    return new ImportedConfig(config, layers);
  }

  private static Descriptor descriptor(CacheConfig.Layer layer) {
    CacheConfig.Blob blob =
        layer.blob().orElseThrow(() -> new CorruptData("cache layer with missing annotations"));
    Digest diffId =
        blob.diffId().orElseThrow(() -> new CorruptData("cache layer with missing diffid"));
    Map<String, String> annotations = new LinkedHashMap<>();
    annotations.put(Descriptor.UNCOMPRESSED, diffId.toString());
    blob.createdAt()
        .ifPresent(time -> annotations.put(CachedLayer.CREATED_AT, GoValues.format(time)));
    return new Descriptor(blob.mediaType(), layer.digest(), blob.bytes())
        .withAnnotations(annotations);
  }
}
