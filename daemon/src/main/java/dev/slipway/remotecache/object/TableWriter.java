package dev.slipway.remotecache.object;

import dev.slipway.failure.BuildFailure;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.remotecache.CacheConfig;
import dev.slipway.remotecache.CacheJson;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.ExportedCache;
import dev.slipway.remotecache.LayerBlobs;
import dev.slipway.task.TaskScope;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/// Writes a cache to a place: the layers that are not there, then the table, which says of each
/// layer what no manifest says here. So a table that can be found has all its layers. Confined to
/// one thread.
final class TableWriter {
  private final ExportedCache cache;
  private final LayerBlobs blobs;
  private final FetchContext context;

  TableWriter(ExportedCache cache, LayerBlobs blobs, FetchContext context) {
    this.cache = cache;
    this.blobs = blobs;
    this.context = context;
  }

  /// @param open goes to the place; not called when there is nothing to write
  void write(Supplier<ObjectPlace> open) {
    if (cache.isEmpty()) {
      context.progress().start("skipping cache export for empty result").close();
      return;
    }
    byte[] table = CacheJson.write(annotated());
    ObjectPlace place = open.get();
    Semaphore slots = new Semaphore(place.parallelism());
    try (TaskScope scope = TaskScope.open("write cache layers")) {
      for (CachedLayer layer : cache.layers().values()) {
        scope.forkAction(
            () -> {
              slots.acquire();
              try {
                send(layer, place);
              } finally {
                slots.release();
              }
            });
      }
      scope.join();
    }
    try {
      place.putTable(table);
    } catch (BuildFailure failure) {
      throw failure.in("error writing manifest");
    }
  }

  private void send(CachedLayer layer, ObjectPlace place) {
    try {
      if (place.has(layer.blob())) {
        return;
      }
    } catch (BuildFailure failure) {
      throw failure.in("failed to check file presence in cache");
    }
    try (VertexProgress.Item _ =
        context.progress().start("writing layer " + layer.blob().digest())) {
      place.put(layer.blob(), blobs.of(layer, context));
    } catch (BuildFailure failure) {
      throw failure.in("error writing layer blob");
    }
  }

  private CacheConfig annotated() {
    List<CacheConfig.Layer> layers =
        cache.config().layers().stream()
            .map(
                layer ->
                    new CacheConfig.Layer(
                        layer.digest(),
                        layer.parent(),
                        Optional.of(annotations(cache.layer(layer).blob()))))
            .toList();
    return new CacheConfig(layers, cache.config().records());
  }

  private static CacheConfig.Blob annotations(Descriptor blob) {
    DiffId diffId =
        blob.diffId()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "nobody knows what layer " + blob.digest() + " is uncompressed"));
    return new CacheConfig.Blob(
        blob.mediaType(),
        Optional.of(diffId.digest()),
        blob.bytes(),
        Optional.ofNullable(blob.annotations().get(CachedLayer.CREATED_AT))
            .flatMap(TableWriter::time));
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }
}
