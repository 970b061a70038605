package dev.slipway.ref;

import dev.slipway.content.ContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.NotFound;
import dev.slipway.layer.Applier.Unpacked;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.snapshot.SnapshotName;
import dev.slipway.snapshot.Snapshotter;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// Brings lazy layers: fetches the blob, unpacks it into a snapshot of its own, checks that it is
/// the layer it claims to be, commits.
///
/// Layers do not wait for those below them, unless they leave unsaid what a directory is.
/// Thread-safe: equal work is joined; unpacking is bounded by the slots.
final class LayerArrival {
  private final RefGraph graph;
  private final RefTable table;
  private final Snapshotter snapshotter;
  private final LayerTools tools;
  private final ContentStore content;
  private final LayerLosses losses;
  private final Growth growth;
  private final SharedFlight<RefId> flights = new SharedFlight<>();
  private final Semaphore unpackSlots =
      new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()));

  LayerArrival(
      RefGraph graph,
      RefTable table,
      Snapshotter snapshotter,
      LayerTools tools,
      ContentStore content,
      LayerLosses losses,
      Growth growth) {
    this.graph = graph;
    this.table = table;
    this.snapshotter = snapshotter;
    this.tools = tools;
    this.content = content;
    this.losses = losses;
    this.growth = growth;
  }

  /// The layers that have no files yet, each once, with the record that will have them.
  Map<RefRecord, RefRecord> missing(List<RefRecord> layers) {
    return graph.inspect(
        () -> {
          Map<RefRecord, RefRecord> missing = new LinkedHashMap<>();
          for (RefRecord layer : layers) {
            RefRecord owner = graph.fileOwner(layer);
            if (!owner.hasFiles()) {
              missing.putIfAbsent(owner, layer);
            }
          }
          return missing;
        });
  }

  /// Returns when all of these layers have files.
  void bring(List<RefRecord> layers, FetchContext context) {
    Map<RefRecord, RefRecord> missing = missing(layers);
    if (missing.size() == 1) {
      missing.forEach((owner, layer) -> bringOne(owner, layer, context));
    } else if (!missing.isEmpty()) {
      try (var scope = TaskScope.open("bring layers")) {
        missing.forEach((owner, layer) -> scope.forkAction(() -> bringOne(owner, layer, context)));
        scope.join();
      }
    }
  }

  private void bringOne(RefRecord owner, RefRecord layer, FetchContext context) {
    flights.join(
        owner.id,
        () -> {
          if (!graph.inspect(owner::hasFiles)) {
            unpackFirstThatWorks(owner, layer, context);
          }
        });
  }

  /// The same layer may be known in several blobs; the one asked for comes first.
  private void unpackFirstThatWorks(RefRecord owner, RefRecord layer, FetchContext context) {
    List<Located> candidates = graph.inspect(() -> candidates(owner, layer));
    Optional<BuildFailure> failure = Optional.empty();
    for (Located candidate : candidates) {
      try {
        unpack(owner, candidate, context);
        return;
      } catch (Cancelled cancelled) {
        throw cancelled;
      } catch (BuildFailure failed) {
        losses.note(candidate.blob().digest(), candidate.origin(), failed);
        failure.ifPresent(failed::addSuppressed);
        failure = Optional.of(failed);
      }
    }
    throw failure.orElseGet(
        () ->
            new NotFound("layer " + owner.id + " has no files here and no blob to get them from"));
  }

  /// Whether the layer was needed and is not to be had: each of its blobs was looked for in vain.
  boolean isLost(RefRecord layer) {
    return graph.inspect(
        () ->
            layer.blobs.isEmpty()
                ? !graph.fileOwner(layer).hasFiles()
                : layer.blobs.stream()
                    .allMatch(blob -> losses.isNoted(blob.digest(), layer.origin)));
  }

  private record Located(Descriptor blob, Optional<LayerOrigin> origin) {}

  private static List<Located> candidates(RefRecord owner, RefRecord layer) {
    List<Located> candidates = new ArrayList<>();
    for (RefRecord record : layer == owner ? List.of(owner) : List.of(layer, owner)) {
      for (Descriptor blob : record.blobs) {
        candidates.add(new Located(blob, record.origin));
      }
    }
    return candidates;
  }

  private void unpack(RefRecord owner, Located from, FetchContext context) {
    require(from.blob(), from.origin(), context);
    SnapshotName unpacking = new SnapshotName("in-" + owner.id.value());
    SnapshotName committed = new SnapshotName(owner.id.value());
    boolean done = false;
    try {
      Unpacked unpacked = unpackInto(unpacking, owner, from, context);
      if (!unpacked.implied().isEmpty()) {
        inherit(owner, unpacking, unpacked.implied(), context);
      }
      snapshotter.commit(unpacking, committed, List.of());
      done = true;
    } finally {
      if (!done) {
        snapshotter.remove(unpacking);
      }
    }
    graph.change(
        owner,
        record -> {
          record.files = new LayerFiles.Committed(committed);
          record.fileBytes = RefRecord.UNMEASURED;
        });
    table.store(graph);
    growth.happened();
  }

  private Unpacked unpackInto(
      SnapshotName unpacking, RefRecord owner, Located from, FetchContext context) {
    acquireSlot();
    try {
      snapshotter.remove(unpacking);
      snapshotter.prepare(unpacking, List.of());
      try (var _ = context.progress().start("extracting " + from.blob().digest())) {
        Unpacked unpacked = apply(from, unpacking, context);
        Optional<DiffId> expected =
            from.blob().diffId().or(() -> graph.inspect(() -> owner.diffId));
        if (expected.isPresent() && !expected.get().equals(unpacked.diffId())) {
          throw new CorruptData(
              "layer "
                  + from.blob().digest()
                  + " unpacks to "
                  + unpacked.diffId()
                  + ", its image says "
                  + expected.get());
        }
        return unpacked;
      }
    } finally {
      unpackSlots.release();
    }
  }

  /// The one case in which a layer waits for those below it; not while it has a slot, which they
  /// may need.
  private void inherit(
      RefRecord owner, SnapshotName unpacking, List<Path> implied, FetchContext context) {
    List<RefRecord> below = new ArrayList<>(graph.layers(owner));
    below.removeLast();
    bring(below, context);
    tools.applier().inherit(snapshotter.layerDirectory(unpacking), implied, directories(below));
  }

  /// Where the files of layers are that have been brought.
  List<Path> directories(List<RefRecord> layers) {
    return layers.stream()
        .map(layer -> graph.inspect(() -> graph.fileOwner(layer).files.snapshot()).orElseThrow())
        .map(snapshotter::layerDirectory)
        .toList();
  }

  private Unpacked apply(Located from, SnapshotName into, FetchContext context) {
    try (InputStream bytes = open(from, context)) {
      return tools
          .applier()
          .apply(bytes, from.blob().mediaType(), snapshotter.layerDirectory(into));
    } catch (IOException failed) {
      Interruption.check();
      throw new CorruptData(
          "reading layer " + from.blob().digest() + ": " + failed.getMessage(), failed);
    }
  }

  /// A blob may be collected between being found and being opened; then it is fetched once more.
  private InputStream open(Located from, FetchContext context) {
    try {
      return Channels.newInputStream(content.open(from.blob().digest()));
    } catch (NotFound collected) {
      require(from.blob(), from.origin(), context);
      return Channels.newInputStream(content.open(from.blob().digest()));
    }
  }

  /// Returns when the blob is in the content store.
  void require(Descriptor blob, Optional<LayerOrigin> origin, FetchContext context) {
    if (content.find(blob.digest()).isPresent()) {
      return;
    }
    if (origin.isEmpty()) {
      NotFound gone =
          new NotFound(
              "layer blob " + blob.digest() + " is gone and nothing says where it can be fetched");
      losses.note(blob.digest(), origin, gone);
      throw gone;
    }
    tools.fetcher().fetch(blob, origin.get(), context);
  }

  private void acquireSlot() {
    try {
      unpackSlots.acquire();
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }
}
