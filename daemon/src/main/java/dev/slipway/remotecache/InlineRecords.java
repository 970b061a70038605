package dev.slipway.remotecache;

import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.remotecache.CacheConfig.Chain;
import dev.slipway.remotecache.CacheConfig.Entry;
import dev.slipway.remotecache.CacheConfig.Layer;
import dev.slipway.remotecache.CacheConfig.Result;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// The cache an image carries in its own config: records only, whose layers are the image's by
/// position. A result that is the image's lowest layers is named by the topmost of them, any other
/// by all it is made of (BuildKit v0.32.2, `cache/remotecache/inline`).
public final class InlineRecords {
  private final List<Descriptor> layers;
  private final Map<DiffId, Integer> positions = new HashMap<>();

  private InlineRecords(List<Descriptor> layers) {
    this.layers = List.copyOf(layers);
    for (int i = 0; i < layers.size(); i++) {
      int position = i;
      layers.get(i).diffId().ifPresent(diffId -> positions.putIfAbsent(diffId, position));
    }
  }

  /// @param layers the image's, base first, with their uncompressed digests noted
  /// @return JSON; empty when no result is made of these layers
  public static Optional<byte[]> of(KeyExport export, List<Descriptor> layers) {
    return new InlineRecords(layers).records(export);
  }

  private Optional<byte[]> records(KeyExport export) {
    ExportedCache cache =
        export.finish(
            chain -> chain.layers().stream().allMatch(layer -> position(layer.blob()).isPresent()));
    if (cache.isEmpty()) {
      return Optional.empty();
    }
    List<Entry> records =
        cache.config().records().stream().map(record -> placed(record, cache)).toList();
    return Optional.of(CacheJson.writeRecords(records));
  }

  private Optional<Integer> position(Descriptor blob) {
    OptionalInt same =
        IntStream.range(0, layers.size())
            .filter(i -> layers.get(i).digest().equals(blob.digest()))
            .findFirst();
    return same.isPresent()
        ? Optional.of(same.getAsInt())
        : blob.diffId().flatMap(diffId -> Optional.ofNullable(positions.get(diffId)));
  }

  private Entry placed(Entry record, ExportedCache cache) {
    List<Result> results = new ArrayList<>();
    List<Chain> chains = new ArrayList<>();
    for (Result result : record.results()) {
      List<Descriptor> blobs = blobs(result.layer(), cache);
      boolean isLowest =
          blobs.size() <= layers.size()
              && IntStream.range(0, blobs.size()).allMatch(i -> isAt(blobs.get(i), i));
      if (isLowest) {
        results.add(new Result(blobs.size() - 1, result.createdAt()));
      } else {
        chains.add(chain(blobs, result.createdAt()));
      }
    }
    return new Entry(record.digest(), record.inputs(), results, chains);
  }

  private Chain chain(List<Descriptor> blobs, Instant createdAt) {
    return new Chain(blobs.stream().map(blob -> position(blob).orElseThrow()).toList(), createdAt);
  }

  private boolean isAt(Descriptor blob, int position) {
    Descriptor layer = layers.get(position);
    return layer.digest().equals(blob.digest())
        || layer.diffId().isPresent() && layer.diffId().equals(blob.diffId());
  }

  private static List<Descriptor> blobs(int top, ExportedCache cache) {
    List<Descriptor> blobs = new ArrayList<>();
    OptionalInt next = OptionalInt.of(top);
    while (next.isPresent()) {
      Layer layer = cache.config().layers().get(next.getAsInt());
      blobs.add(cache.layer(layer).blob());
      next = layer.parent();
    }
    return blobs.reversed();
  }
}
