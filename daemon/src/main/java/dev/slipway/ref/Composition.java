package dev.slipway.ref;

import dev.slipway.oci.ChainId;
import dev.slipway.oci.Digest;
import dev.slipway.ref.RefStore.LayerSource;
import dev.slipway.task.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes records of trees that need no files of their own yet: chains of lazy layers, merges,
/// differences of related trees. All in memory; each returns a record that is held once.
/// Thread-safe.
final class Composition {
  private final RefGraph graph;
  private final Clock clock;

  Composition(RefGraph graph, Clock clock) {
    this.graph = graph;
    this.clock = clock;
  }

  /// The chain of these layers, base first, made of the records that are known already as far as
  /// possible.
  RefRecord chain(List<LayerSource> layers, RefDescription description) {
    return graph.inspect(
        () -> {
          Optional<RefRecord> below = Optional.empty();
          Digest blobChain = Digest.EMPTY;
          Optional<ChainId> chain = Optional.empty();
          for (LayerSource layer : layers) {
            blobChain = RefGraph.blobChain(blobChain, layer.blob().digest(), layer.diffId());
            chain =
                Optional.of(
                    chain
                        .map(known -> known.append(layer.diffId()))
                        .orElseGet(() -> ChainId.of(List.of(layer.diffId()))));
            Optional<RefRecord> known = graph.byBlobChain(blobChain);
            if (known.isPresent()) {
              noteOrigin(known.get(), layer.origin());
              below = known;
            } else {
              below =
                  Optional.of(lazyLayer(layer, below, chain.flatMap(graph::byChain), description));
            }
          }
          RefRecord top = below.orElseThrow();
          graph.hold(top);
          return top;
        });
  }

  /// Where it was seen last is where it is fetched from: those who ask now can reach that.
  private void noteOrigin(RefRecord record, Optional<LayerOrigin> origin) {
    if (origin.isPresent() && !origin.equals(record.origin)) {
      graph.change(record, known -> known.origin = origin);
    }
  }

  private RefRecord lazyLayer(
      LayerSource layer,
      Optional<RefRecord> below,
      Optional<RefRecord> twin,
      RefDescription description) {
    Shape shape = new Shape.Own(below.map(known -> known.id), twin.map(known -> known.id));
    String text = layer.description().isEmpty() ? description.text() : layer.description();
    RefRecord record =
        new RefRecord(
            RefId.random(),
            shape,
            new RefDescription(text, description.type()),
            layer.createdAt().orElseGet(clock::now));
    record.diffId = Optional.of(layer.diffId());
    record.addBlob(layer.blob());
    record.origin = layer.origin();
    twin.ifPresent(same -> record.contentKey = same.contentKey);
    graph.add(record);
    return record;
  }

  /// All layers of the trees, those of later ones on top.
  RefRecord merged(List<RefRecord> trees, RefDescription description) {
    return graph.inspect(
        () -> {
          List<RefId> layers = new ArrayList<>();
          trees.forEach(tree -> graph.layers(tree).forEach(layer -> layers.add(layer.id)));
          return stack(
              new Shape.Stack(layers, trees.stream().map(tree -> tree.id).toList()), description);
        });
  }

  /// The layers that the upper tree has on top of the lower one.
  ///
  /// @return empty when the upper tree was not made from the lower one, or is the same
  Optional<RefRecord> above(RefRecord lower, RefRecord upper, RefDescription description) {
    return graph.inspect(
        () -> {
          List<RefRecord> below = graph.layers(lower);
          List<RefRecord> all = graph.layers(upper);
          if (all.size() <= below.size() || !all.subList(0, below.size()).equals(below)) {
            return Optional.empty();
          }
          List<RefId> layers =
              all.subList(below.size(), all.size()).stream().map(layer -> layer.id).toList();
          return Optional.of(stack(new Shape.Stack(layers, List.of(upper.id)), description));
        });
  }

  private RefRecord stack(Shape.Stack shape, RefDescription description) {
    RefRecord record = new RefRecord(RefId.random(), shape, description, clock.now());
    record.holds = 1;
    graph.add(record);
    return record;
  }
}
