package dev.slipway.ref;

import dev.slipway.content.ContentStore;
import dev.slipway.layer.LayerCompression;
import dev.slipway.layer.LayerWriter.WrittenLayer;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.task.TaskScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Makes blobs of layers, and remembers them with the layer. Thread-safe: equal work is joined.
final class LayerExport {
  private final RefGraph graph;
  private final RefTable table;
  private final LayerTools tools;
  private final ContentStore content;
  private final LayerArrival arrival;
  private final Growth growth;
  private final SharedFlight<Wanted> flights = new SharedFlight<>();

  private record Wanted(RefId layer, LayerCompression compression) {}

  LayerExport(
      RefGraph graph,
      RefTable table,
      LayerTools tools,
      ContentStore content,
      LayerArrival arrival,
      Growth growth) {
    this.graph = graph;
    this.table = table;
    this.tools = tools;
    this.content = content;
    this.arrival = arrival;
    this.growth = growth;
  }

  List<Descriptor> blobs(
      List<RefRecord> layers, LayerCompression compression, FetchContext context) {
    return made(layers, compression, context, layer -> ready(layer, compression));
  }

  /// As [#blobs], where a blob that can be fetched is as good as here.
  List<Descriptor> lazyBlobs(
      List<RefRecord> layers, LayerCompression compression, FetchContext context) {
    return made(layers, compression, context, layer -> withinReach(layer, compression));
  }

  /// Returns when a blob of one of the layers is in the content store.
  void bring(List<RefRecord> layers, Descriptor blob, FetchContext context) {
    Optional<LayerOrigin> origin =
        graph.inspect(
            () ->
                layers.stream()
                    .filter(layer -> layer.hasBlob(blob.digest()))
                    .findFirst()
                    .flatMap(layer -> layer.origin));
    arrival.require(blob, origin, context);
  }

  private List<Descriptor> made(
      List<RefRecord> layers,
      LayerCompression compression,
      FetchContext context,
      Function<RefRecord, Optional<Descriptor>> found) {
    List<RefRecord> todo =
        layers.stream().distinct().filter(layer -> found.apply(layer).isEmpty()).toList();
    if (todo.size() == 1) {
      make(todo.getFirst(), compression, context);
    } else if (!todo.isEmpty()) {
      try (var scope = TaskScope.open("make layer blobs")) {
        todo.forEach(layer -> scope.forkAction(() -> make(layer, compression, context)));
        scope.join();
      }
    }
    graph.inspect(
        () -> {
          layers.forEach(graph::index);
          return layers;
        });
    table.store(graph);
    return layers.stream()
        .map(
            layer ->
                found
                    .apply(layer)
                    .orElseThrow(() -> new IllegalStateException("no blob of layer " + layer.id)))
        .toList();
  }

  /// The blobs as wanted that are here or can be fetched; empty when one of them is neither.
  Optional<List<Descriptor>> known(List<RefRecord> layers, LayerCompression compression) {
    List<Descriptor> blobs = new ArrayList<>();
    for (RefRecord layer : layers) {
      Optional<Descriptor> blob =
          graph.inspect(
              () ->
                  chosen(layer, compression)
                      .map(known -> presented(known, layer.diffId, compression)));
      Optional<LayerOrigin> origin = graph.inspect(() -> layer.origin);
      if (blob.isEmpty() || !reachable(blob.get(), origin)) {
        return Optional.empty();
      }
      blobs.add(blob.get());
    }
    return Optional.of(blobs);
  }

  /// The layer's blob when it is here and as wanted.
  private Optional<Descriptor> ready(RefRecord layer, LayerCompression compression) {
    return wanted(layer, compression).filter(blob -> content.find(blob.digest()).isPresent());
  }

  private Optional<Descriptor> withinReach(RefRecord layer, LayerCompression compression) {
    Optional<LayerOrigin> origin = graph.inspect(() -> layer.origin);
    return wanted(layer, compression).filter(blob -> reachable(blob, origin));
  }

  private Optional<Descriptor> wanted(RefRecord layer, LayerCompression compression) {
    return graph.inspect(
        () -> chosen(layer, compression).map(blob -> presented(blob, layer.diffId, compression)));
  }

  /// Which of the known blobs serves: one of that compression, or unless it is forced the one it
  /// came from.
  private static Optional<Descriptor> chosen(RefRecord layer, LayerCompression compression) {
    Optional<Descriptor> same =
        layer.blobs.stream().filter(blob -> kindOf(blob) == compression.kind()).findFirst();
    return compression.force() ? same : layer.blobs.stream().findFirst();
  }

  private static LayerCompression.Kind kindOf(Descriptor blob) {
    String type = blob.mediaType().value();
    if (type.endsWith("zstd")) {
      return LayerCompression.Kind.ZSTD;
    }
    if (type.endsWith("gzip")) {
      return blob.annotations().containsKey("containerd.io/snapshot/stargz/toc.digest")
          ? LayerCompression.Kind.ESTARGZ
          : LayerCompression.Kind.GZIP;
    }
    return LayerCompression.Kind.UNCOMPRESSED;
  }

  /// With its uncompressed digest noted, and its type in the family asked for.
  private static Descriptor presented(
      Descriptor blob, Optional<DiffId> diffId, LayerCompression compression) {
    Map<String, String> annotations = new LinkedHashMap<>(blob.annotations());
    diffId.ifPresent(known -> annotations.putIfAbsent(Descriptor.UNCOMPRESSED, known.toString()));
    return blob.withAnnotations(annotations).withMediaType(compression.inFamily(blob.mediaType()));
  }

  private void make(RefRecord layer, LayerCompression compression, FetchContext context) {
    flights.join(
        new Wanted(layer.id, compression),
        () -> {
          Optional<Descriptor> known = graph.inspect(() -> chosen(layer, compression));
          Optional<Descriptor> any = graph.inspect(() -> layer.blobs.stream().findFirst());
          Optional<LayerOrigin> origin = graph.inspect(() -> layer.origin);
          if (known.isPresent() && reachable(known.get(), origin)) {
            arrival.require(known.get(), origin, context);
          } else if (any.isPresent() && reachable(any.get(), origin)) {
            arrival.require(any.get(), origin, context);
            note(layer, tools.recompressor().recompress(any.get(), compression));
          } else {
            note(layer, write(layer, compression, context));
          }
        });
  }

  private boolean reachable(Descriptor blob, Optional<LayerOrigin> origin) {
    return origin.isPresent() || content.find(blob.digest()).isPresent();
  }

  private WrittenLayer write(RefRecord layer, LayerCompression compression, FetchContext context) {
    List<RefRecord> stack = graph.layers(layer);
    arrival.bring(stack, context);
    List<Path> directories = new ArrayList<>(arrival.directories(stack));
    Path own = directories.removeLast();
    if (directories.isEmpty()) {
      // It may be a difference, whose deletions are meant for whatever it will lie on.
      return tools.writer().write(own, compression, content, context.progress());
    }
    return tools.writer().write(own, directories, compression, content, context.progress());
  }

  private void note(RefRecord layer, WrittenLayer written) {
    graph.change(
        layer,
        record -> {
          if (record.diffId.isPresent() && !record.diffId.get().equals(written.diffId())) {
            // Written again from its files the layer is another archive; the blob it once came from
            // is out of reach, so it is no longer its.
            record.blobs.clear();
          }
          record.diffId = Optional.of(written.diffId());
          record.addBlob(written.blob());
        });
    growth.happened();
  }
}
