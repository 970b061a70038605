package dev.slipway.remotecache;

import dev.slipway.oci.Digest;
import dev.slipway.remotecache.CacheConfig.Entry;
import dev.slipway.remotecache.CacheConfig.Layer;
import dev.slipway.remotecache.CacheConfig.Link;
import dev.slipway.remotecache.CacheConfig.Result;
import dev.slipway.remotecache.RecordGraph.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/// Makes a [CacheConfig] of records, in an order that depends on what they say only: equal caches
/// are equal bytes. Layers stand by digest; records by digest, number of inputs, and what their
/// inputs are (BuildKit v0.32.2, `cache/remotecache/v1/utils.go`). One result a record, the newest.
final class ConfigWriter {
  private final Map<List<Digest>, Integer> chains = new HashMap<>();
  private final Map<Digest, CachedLayer> layers = new LinkedHashMap<>();
  private final List<List<Digest>> order = new ArrayList<>();

  private ConfigWriter() {}

  /// @param fit which results may be spoken of
  static ExportedCache write(RecordGraph graph, Predicate<LayerChain> fit) {
    return new ConfigWriter().config(graph, fit);
  }

  private ExportedCache config(RecordGraph graph, Predicate<LayerChain> fit) {
    Map<Node, LayerChain> results = new IdentityHashMap<>();
    for (Node node : graph.nodes()) {
      node.best(fit)
          .ifPresent(
              chain -> {
                results.put(node, chain);
                take(chain);
              });
    }
    order.sort(
        Comparator.<List<Digest>, String>comparing(chain -> chain.getLast().toString())
            .thenComparing(List::toString));
    for (int index = 0; index < order.size(); index++) {
      chains.put(order.get(index), index);
    }
    return new ExportedCache(
        new CacheConfig(
            order.stream().map(this::layer).toList(), records(sorted(graph.nodes()), results)),
        layers);
  }

  private void take(LayerChain chain) {
    List<Digest> below = new ArrayList<>();
    for (CachedLayer layer : chain.layers()) {
      layers.putIfAbsent(layer.blob().digest(), layer);
      below.add(layer.blob().digest());
      List<Digest> here = List.copyOf(below);
      if (chains.putIfAbsent(here, -1) == null) {
        order.add(here);
      }
    }
  }

  private Layer layer(List<Digest> chain) {
    OptionalInt parent =
        chain.size() == 1
            ? OptionalInt.empty()
            : OptionalInt.of(index(chain.subList(0, chain.size() - 1)));
    return new Layer(chain.getLast(), parent, Optional.empty());
  }

  private int index(List<Digest> chain) {
    return Optional.ofNullable(chains.get(chain)).orElseThrow();
  }

  private List<Entry> records(List<Node> sorted, Map<Node, LayerChain> results) {
    Map<Node, Integer> numbers = new IdentityHashMap<>();
    sorted.forEach(node -> numbers.put(node, numbers.size()));
    List<Entry> records = new ArrayList<>();
    for (Node node : sorted) {
      List<List<Link>> inputs = new ArrayList<>();
      for (Set<RecordGraph.Link> slot : node.inputs()) {
        inputs.add(
            slot.stream()
                .map(
                    link ->
                        new Link(
                            link.selector(),
                            Optional.ofNullable(numbers.get(link.source())).orElseThrow()))
                .sorted(Comparator.comparing(Link::record).thenComparing(Link::selector))
                .toList());
      }
      List<Result> made =
          Optional.ofNullable(results.get(node))
              .map(chain -> new Result(index(digests(chain)), chain.createdAt()))
              .stream()
              .toList();
      records.add(new Entry(node.digest(), inputs, made, List.of()));
    }
    return records;
  }

  private static List<Digest> digests(LayerChain chain) {
    return chain.layers().stream().map(layer -> layer.blob().digest()).toList();
  }

  private static List<Node> sorted(List<Node> nodes) {
    Map<Node, String> shapes = new IdentityHashMap<>();
    nodes.forEach(node -> shapes.put(node, shape(node)));
    return nodes.stream()
        .sorted(
            Comparator.<Node, String>comparing(node -> node.digest().toString())
                .thenComparing(node -> node.inputs().size())
                .thenComparing(node -> Optional.ofNullable(shapes.get(node)).orElseThrow()))
        .toList();
  }

  /// What the inputs are, as text that sorts as the reference sorts.
  private static String shape(Node node) {
    StringBuilder text = new StringBuilder();
    for (Set<RecordGraph.Link> slot : node.inputs()) {
      text.append(String.format(java.util.Locale.ROOT, "%06d", slot.size()));
      slot.stream()
          .map(link -> link.selector() + "@" + link.source().digest())
          .sorted()
          .forEach(text::append);
    }
    return text.toString();
  }
}
