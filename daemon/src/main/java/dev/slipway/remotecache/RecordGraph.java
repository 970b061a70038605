package dev.slipway.remotecache;

import dev.slipway.oci.Digest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The records of a cache while it is put together. A record that is added twice, by whatever of
/// its inputs' alternatives, is one; and none ever leads to itself. Confined to one thread.
final class RecordGraph {
  private final Map<Digest, Node> roots = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  /// A key. What it is is the graph's.
  static final class Node {
    private final Digest digest;
    private final List<Set<Link>> inputs = new ArrayList<>();
    private final Map<Step, Set<Node>> steps = new LinkedHashMap<>();
    private final List<LayerChain> results = new ArrayList<>();

    private Node(Digest digest) {
      this.digest = digest;
    }

    Digest digest() {
      return digest;
    }

    List<Set<Link>> inputs() {
      return inputs;
    }

    /// The newest result of those that are fit to be exported.
    Optional<LayerChain> best(Predicate<LayerChain> fit) {
      return results.stream()
          .filter(fit)
          .max(java.util.Comparator.comparing(LayerChain::createdAt));
    }

    private boolean leadsTo(Set<Node> others) {
      Set<Node> seen = new HashSet<>(Set.of(this));
      Deque<Node> open = new ArrayDeque<>(seen);
      while (!open.isEmpty()) {
        Node next = open.pop();
        if (others.contains(next)) {
          return true;
        }
        next.steps.values().stream().flatMap(Set::stream).filter(seen::add).forEach(open::push);
      }
      return false;
    }
  }

  /// One of the keys that stand for an input.
  record Link(Node source, String selector) {}

  /// How a key leads on to another.
  private record Step(int input, Digest digest, String selector) {}

  /// A key without inputs.
  Node root(Digest digest) {
    return roots.computeIfAbsent(
        digest,
        name -> {
          Node node = new Node(name);
          nodes.add(node);
          return node;
        });
  }

  /// A key that is reached from these. Where some alternative of every input leads to a key of that
  /// name already, it is that key.
  ///
  /// @param inputs one list an input, none of them empty
  Node step(Digest digest, List<List<Link>> inputs, List<LayerChain> results) {
    Node node =
        known(digest, inputs)
            .orElseGet(
                () -> {
                  Node fresh = new Node(digest);
                  inputs.forEach(_ -> fresh.inputs.add(new LinkedHashSet<>()));
                  nodes.add(fresh);
                  return fresh;
                });
    results.stream().filter(result -> !node.results.contains(result)).forEach(node.results::add);
    for (int input = 0; input < inputs.size(); input++) {
      for (Link link : inputs.get(input)) {
        if (!node.leadsTo(Set.of(link.source))) {
          node.inputs.get(input).add(link);
          link.source
              .steps
              .computeIfAbsent(new Step(input, digest, link.selector), _ -> new LinkedHashSet<>())
              .add(node);
        }
      }
    }
    return node;
  }

  List<Node> nodes() {
    return nodes;
  }

  private static Optional<Node> known(Digest digest, List<List<Link>> inputs) {
    Set<Node> common = new LinkedHashSet<>();
    for (int input = 0; input < inputs.size(); input++) {
      Set<Node> reached = new LinkedHashSet<>();
      for (Link link : inputs.get(input)) {
        reached.addAll(
            Optional.ofNullable(link.source.steps.get(new Step(input, digest, link.selector)))
                .orElse(Set.of()));
      }
      if (input == 0) {
        common = reached;
      } else {
        common.retainAll(reached);
      }
    }
    return common.stream().filter(node -> node.inputs.size() == inputs.size()).findFirst();
  }
}
