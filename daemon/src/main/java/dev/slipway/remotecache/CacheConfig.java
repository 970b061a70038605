package dev.slipway.remotecache;

import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The table of an exported cache: records are keys, layers are what their results are made of.
/// They refer to each other by index (BuildKit v0.32.2, `cache/remotecache/v1/types`).
public record CacheConfig(List<Layer> layers, List<Entry> records) {
  public static final MediaType MEDIA_TYPE =
      new MediaType("application/vnd.buildkit.cacheconfig.v0");

  /// Largest table and manifest that are read, in bytes.
  public static final int MAX_BYTES = 1 << 20;

  public CacheConfig {
    layers = List.copyOf(layers);
    records = List.copyOf(records);
  }

  /// @param parent index of the layer it lies on; empty for the lowest
  /// @param blob what else is to be known of the blob, where no manifest says it
  public record Layer(Digest digest, OptionalInt parent, Optional<Blob> blob) {}

  /// @param createdAt when the step that made the layer ended
  public record Blob(
      MediaType mediaType, Optional<Digest> diffId, long bytes, Optional<Instant> createdAt) {}

  /// A key.
  ///
  /// @param digest names operation and output
  /// @param inputs one list an input: the keys that stand for it; empty for roots
  public record Entry(
      Digest digest, List<List<Link>> inputs, List<Result> results, List<Chain> chains) {
    public Entry {
      inputs = inputs.stream().map(List::copyOf).toList();
      results = List.copyOf(results);
      chains = List.copyOf(chains);
    }
  }

  /// @param selector which part of the input counts; empty for all of it
  /// @param record index of the key that stands for the input
  public record Link(String selector, int record) {}

  /// A result made of a layer and all that it lies on.
  public record Result(int layer, Instant createdAt) {}

  /// A result made of these layers, whatever they lie on.
  public record Chain(List<Integer> layers, Instant createdAt) {
    public Chain {
      layers = List.copyOf(layers);
    }
  }
}
