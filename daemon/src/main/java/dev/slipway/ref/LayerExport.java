package dev.slipway.ref;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.content.Ingester;
import dev.slipway.failure.BuildFailure;
import dev.slipway.layer.LayerCompression;
import dev.slipway.layer.LayerWriter.WrittenLayer;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.ref.RefStore.LostBlobs;
import dev.slipway.task.TaskScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/// Makes blobs of layers, and remembers them with the layer. Thread-safe: equal work is joined.
final class LayerExport {
  private final RefGraph graph;
  private final RefTable table;
  private final LayerTools tools;
  private final ContentStore content;
  private final LayerArrival arrival;
  private final LayerLosses losses;
  private final Growth growth;
  private final SharedFlight<Wanted> flights = new SharedFlight<>();

  private record Wanted(RefId layer, LayerCompression compression) {}

  LayerExport(
      RefGraph graph,
      RefTable table,
      LayerTools tools,
      ContentStore content,
      LayerArrival arrival,
      LayerLosses losses,
      Growth growth) {
    this.graph = graph;
    this.table = table;
    this.tools = tools;
    this.content = content;
    this.arrival = arrival;
    this.losses = losses;
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
    List<RefRecord> todo = new ArrayList<>();
    for (RefRecord layer : new LinkedHashSet<>(layers)) {
      if (!tell(layer, found, context)) {
        todo.add(layer);
      }
    }
    Consumer<RefRecord> making =
        layer -> {
          make(layer, compression, context);
          tell(layer, found, context);
        };
    if (todo.size() == 1) {
      making.accept(todo.getFirst());
    } else if (!todo.isEmpty()) {
      try (var scope = TaskScope.open("make layer blobs")) {
        todo.forEach(layer -> scope.forkAction(() -> making.accept(layer)));
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

  /// Tells who watches of the layer's blob.
  ///
  /// @return whether it has one
  private boolean tell(
      RefRecord layer, Function<RefRecord, Optional<Descriptor>> found, FetchContext context) {
    Optional<Descriptor> blob = found.apply(layer);
    blob.ifPresent(it -> context.watch().made(it, facts(layer).origin()));
    return blob.isPresent();
  }

  /// The blobs as wanted that are here or can be fetched; empty when one of them is neither.
  Optional<List<Descriptor>> known(List<RefRecord> layers, LayerCompression compression) {
    List<Descriptor> blobs = new ArrayList<>();
    for (RefRecord layer : layers) {
      Optional<Descriptor> blob = withinReach(layer, compression);
      if (blob.isEmpty()) {
        return Optional.empty();
      }
      blobs.add(blob.get());
    }
    return Optional.of(blobs);
  }

  /// Gives layers other blobs whose own turned out to be gone.
  LostBlobs replaceLost(List<RefRecord> layers, FetchContext context) {
    Set<Digest> replaced = new LinkedHashSet<>();
    List<String> irreplaceable = new ArrayList<>();
    for (RefRecord layer : new LinkedHashSet<>(layers)) {
      Facts facts = facts(layer);
      List<Digest> lost =
          facts.blobs().stream().map(Descriptor::digest).filter(facts::isNotedLost).toList();
      if (lost.isEmpty()) {
        continue;
      }
      Optional<String> refusal =
          facts.reachable().findAny().isPresent() ? Optional.empty() : replace(layer, context);
      if (refusal.isPresent()) {
        irreplaceable.add(refusal.get());
      } else {
        replaced.addAll(lost);
      }
    }
    table.store(graph);
    return new LostBlobs(replaced, irreplaceable);
  }

  /// The layer's blob when it is here and as wanted.
  private Optional<Descriptor> ready(RefRecord layer, LayerCompression compression) {
    return withinReach(layer, compression).filter(blob -> content.find(blob.digest()).isPresent());
  }

  private Optional<Descriptor> withinReach(RefRecord layer, LayerCompression compression) {
    Facts facts = facts(layer);
    return facts.serving(compression).map(blob -> presented(blob, facts.diffId(), compression));
  }

  /// What is known of a layer at a moment.
  private final class Facts {
    private final List<Descriptor> blobs;
    private final Optional<DiffId> diffId;
    private final Optional<LayerOrigin> origin;

    private Facts(RefRecord layer) {
      blobs = List.copyOf(layer.blobs);
      diffId = layer.diffId;
      origin = layer.origin;
    }

    List<Descriptor> blobs() {
      return blobs;
    }

    Optional<DiffId> diffId() {
      return diffId;
    }

    Optional<LayerOrigin> origin() {
      return origin;
    }

    /// Blobs that are here or can be fetched, as far as is known.
    Stream<Descriptor> reachable() {
      return blobs.stream().filter(this::isReachable);
    }

    /// Which of them serves: one of that compression, or unless it is forced the one it came from.
    Optional<Descriptor> serving(LayerCompression compression) {
      return reachable()
          .filter(
              blob ->
                  compression.force()
                      ? LayerCompression.Kind.of(blob) == compression.kind()
                      : blob.equals(blobs.getFirst()) || unpacksToTheSame(blob))
          .findFirst();
    }

    private boolean isReachable(Descriptor blob) {
      return content.find(blob.digest()).isPresent()
          || origin.isPresent() && !losses.isNoted(blob.digest(), origin);
    }

    boolean isNotedLost(Digest blob) {
      return losses.isNoted(blob, origin) && content.find(blob).isEmpty();
    }
  }

  /// An estargz blob unpacks to the layer and more.
  private static boolean unpacksToTheSame(Descriptor blob) {
    return LayerCompression.Kind.of(blob) != LayerCompression.Kind.ESTARGZ;
  }

  private Facts facts(RefRecord layer) {
    return graph.inspect(() -> new Facts(layer));
  }

  /// With its uncompressed digest noted, and its type in the family asked for.
  private static Descriptor presented(
      Descriptor blob, Optional<DiffId> diffId, LayerCompression compression) {
    return presented(blob, diffId).withMediaType(compression.inFamily(blob.mediaType()));
  }

  private static Descriptor presented(Descriptor blob, Optional<DiffId> diffId) {
    Map<String, String> annotations = new LinkedHashMap<>(blob.annotations());
    diffId.ifPresent(known -> annotations.putIfAbsent(Descriptor.UNCOMPRESSED, known.toString()));
    return blob.withAnnotations(annotations);
  }

  private void make(RefRecord layer, LayerCompression compression, FetchContext context) {
    flights.join(
        new Wanted(layer.id, compression),
        () -> {
          try {
            makeOfWhatIsKnown(layer, compression, context);
          } catch (BuildFailure failure) {
            if (!arrival.isLost(layer)) {
              throw failure;
            }
            Optional<String> refusal = replace(layer, context);
            if (refusal.isPresent()) {
              throw failure.in(refusal.get());
            }
            makeOfWhatIsKnown(layer, compression, context);
          }
        });
  }

  private void makeOfWhatIsKnown(
      RefRecord layer, LayerCompression compression, FetchContext context) {
    Facts facts = facts(layer);
    Optional<Descriptor> serving = facts.serving(compression);
    Optional<Descriptor> any = facts.reachable().findFirst();
    if (serving.isPresent()) {
      arrival.require(serving.get(), facts.origin(), context);
    } else if (any.isPresent()) {
      arrival.require(any.get(), facts.origin(), context);
      note(
          layer, tools.recompressor().recompress(any.get(), compression, watched(context.watch())));
    } else if (facts.origin().isPresent() && !facts.blobs().isEmpty()) {
      // None is where it was said to be. It may be back; if not, that is the reason to give.
      arrival.require(facts.blobs().getFirst(), facts.origin(), context);
      makeOfWhatIsKnown(layer, compression, context);
    } else {
      note(layer, write(layer, compression, watched(context.watch()), context));
    }
  }

  /// The content store, where what is being written can be followed.
  private Ingester watched(LayerWatch watch) {
    return key -> {
      Ingest ingest = content.ingest(key);
      watch.begun(ingest::follow);
      return ingest;
    };
  }

  /// Finds or makes another blob that unpacks to the very same.
  ///
  /// @return why there is none; empty when the layer has one now
  private Optional<String> replace(RefRecord layer, FetchContext context) {
    Facts facts = facts(layer);
    for (RefRecord twin : twins(layer)) {
      Facts known = facts(twin);
      for (Descriptor blob : known.reachable().filter(LayerExport::unpacksToTheSame).toList()) {
        try {
          arrival.require(blob, known.origin(), context);
          graph.change(layer, record -> record.addBlob(presented(blob, facts.diffId())));
          return Optional.empty();
        } catch (BuildFailure gone) {
          if (!LayerLosses.isLoss(gone)) {
            throw gone;
          }
        }
      }
    }
    String named =
        "layer "
            + facts.diffId().map(DiffId::toString).orElseGet(layer.id::value)
            + facts.origin().map(from -> " of " + from.reference()).orElse("");
    if (!graph.inspect(() -> graph.fileOwner(layer).hasFiles())) {
      return Optional.of(named + " is gone where it came from, and its files are not here");
    }
    try {
      return replaceByFiles(layer, facts, context)
          .map(
              made ->
                  named
                      + " is gone where it came from, and its files here make another one ("
                      + made
                      + "); put it back there, or build without the cache");
    } catch (BuildFailure gone) {
      if (!LayerLosses.isLoss(gone)) {
        throw gone;
      }
      return Optional.of(
          named + " is gone where it came from, and so is one that it lies on: " + gone.text());
    }
  }

  /// @return what the files came to, if it is not the same
  private Optional<DiffId> replaceByFiles(RefRecord layer, Facts facts, FetchContext context) {
    LayerCompression.Kind kind =
        facts.blobs().stream()
            .map(LayerCompression.Kind::of)
            .findFirst()
            .orElse(LayerCompression.DEFAULT.kind());
    WrittenLayer written =
        write(layer, new LayerCompression(kind, Optional.empty(), false, true), content, context);
    if (facts.diffId().isPresent() && !facts.diffId().get().equals(written.diffId())) {
      return Optional.of(written.diffId()); // its blob is swept like others that nobody needs
    }
    note(layer, written);
    return Optional.empty();
  }

  /// The layers whose files are this one's too, on equal layers.
  private List<RefRecord> twins(RefRecord layer) {
    return graph.inspect(
        () -> {
          List<RefRecord> twins = new ArrayList<>();
          RefRecord next = layer;
          while (next.shape instanceof Shape.Own own && own.twin().isPresent()) {
            next = graph.require(own.twin().get());
            twins.add(next);
          }
          return twins;
        });
  }

  private WrittenLayer write(
      RefRecord layer, LayerCompression compression, Ingester into, FetchContext context) {
    List<RefRecord> stack = graph.layers(layer);
    arrival.bring(stack, context);
    List<Path> directories = new ArrayList<>(arrival.directories(stack));
    Path own = directories.removeLast();
    if (directories.isEmpty()) {
      // It may be a difference, whose deletions are meant for whatever it will lie on.
      return tools.writer().write(own, compression, into, context.progress());
    }
    return tools.writer().write(own, directories, compression, into, context.progress());
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
