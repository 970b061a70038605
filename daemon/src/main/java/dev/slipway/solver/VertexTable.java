package dev.slipway.solver;

import dev.slipway.oci.Digest;
import dev.slipway.solver.VertexNode.Input;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/// The vertices in the graph, by digest. One digest can have several at a time: work that ignores
/// the cache is not the work that does not, nor is anything built on it; and a vertex that has
/// failed is kept only for the jobs that saw it fail. Confined to the loop.
final class VertexTable<P, R extends Result> {
  private final Graph<P, R> graph;
  private final Map<Digest, List<VertexNode<P, R>>> nodes = new HashMap<>();
  private long made;

  VertexTable(Graph<P, R> graph) {
    this.graph = graph;
  }

  /// Finds or makes the vertex and everything it is made of.
  ///
  /// @param isMine whether a failed vertex was seen by whoever asks
  /// @param arrived told of each vertex as it is loaded, inputs first
  VertexNode<P, R> load(
      Vertex<P> root,
      Predicate<VertexNode<P, R>> isMine,
      BiConsumer<VertexNode<P, R>, Vertex<P>> arrived) {
    Map<Vertex<P>, VertexNode<P, R>> loaded = new IdentityHashMap<>();
    Deque<Vertex<P>> open = new ArrayDeque<>(List.of(root));
    while (!open.isEmpty()) {
      Vertex<P> next = open.peek();
      List<Vertex<P>> missing =
          next.inputs().stream()
              .map(Vertex.Edge::vertex)
              .filter(input -> !loaded.containsKey(input))
              .toList();
      if (!missing.isEmpty()) {
        missing.reversed().forEach(open::push);
        continue;
      }
      open.pop();
      if (!loaded.containsKey(next)) {
        List<Input<P, R>> inputs = new ArrayList<>();
        for (Vertex.Edge<P> edge : next.inputs()) {
          inputs.add(
              new Input<>(
                  Optional.ofNullable(loaded.get(edge.vertex())).orElseThrow(), edge.index()));
        }
        VertexNode<P, R> node = findOrMake(next, inputs, isMine);
        loaded.put(next, node);
        arrived.accept(node, next);
      }
    }
    return Optional.ofNullable(loaded.get(root)).orElseThrow();
  }

  void drop(VertexNode<P, R> node) {
    Digest digest = node.vertex().digest();
    nodes.computeIfPresent(
        digest,
        (_, variants) -> {
          variants.remove(node);
          return variants.isEmpty() ? null : variants;
        });
  }

  boolean isEmpty() {
    return nodes.isEmpty();
  }

  /// The same vertex on the same inputs; else, for a plain one, the same that ignores the cache.
  private VertexNode<P, R> findOrMake(
      Vertex<P> vertex, List<Input<P, R>> inputs, Predicate<VertexNode<P, R>> isMine) {
    List<VertexNode<P, R>> variants =
        nodes.computeIfAbsent(vertex.digest(), _ -> new ArrayList<>());
    boolean ignoresCache = vertex.options().ignoreCache();
    List<VertexNode<P, R>> fitting =
        variants.stream()
            .filter(node -> node.inputs().equals(inputs))
            .filter(node -> !node.hasFailed() || isMine.test(node))
            .toList();
    return fitting.stream()
        .filter(node -> node.ignoresCache() == ignoresCache)
        .findFirst()
        .or(() -> fitting.stream().filter(VertexNode::ignoresCache).findFirst())
        .orElseGet(
            () -> {
              VertexNode<P, R> node = new VertexNode<>(graph, made++, vertex, inputs);
              variants.add(node);
              return node;
            });
  }
}
