package dev.slipway.remotecache;

import dev.slipway.oci.Digest;
import dev.slipway.remotecache.RecordGraph.Link;
import dev.slipway.remotecache.RecordGraph.Node;
import dev.slipway.solver.CacheKey;
import dev.slipway.solver.cachekey.CacheKeyView;
import dev.slipway.solver.cachekey.CacheKeyView.Origin;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Collects what is to be exported of a build: its keys, all that leads to them as far as the cache
/// remembers, and their results as layers. What means something to this daemon only (a client's
/// local files) is left out, so is all that can be reached through nothing else. Results of sources
/// are not exported: whoever has the key can have the source. (BuildKit v0.32.2,
/// `solver/exporter.go`.) Confined to one thread.
public final class KeyExport {
  private final CacheKeyView keys;
  private final Chains chains;
  private final RecordGraph graph = new RecordGraph();

  /// Which results become layers.
  public enum Mode {
    /// The final one, and of all others those that are layers already.
    MIN,
    /// All.
    MAX;

    /// Anything unknown means the least.
    public static Mode of(Optional<String> text) {
      return text.filter("max"::equals).isPresent() ? MAX : MIN;
    }
  }

  /// Results as layers.
  public interface Chains {
    /// @return empty when the result is gone, or has no layers
    Optional<LayerChain> make(KeyResult result);

    /// As far as it takes no work.
    Optional<LayerChain> known(KeyResult result);
  }

  public KeyExport(CacheKeyView keys, Chains chains) {
    this.keys = keys;
    this.chains = chains;
  }

  /// Adds a result of the build, and what it was made of.
  public void add(List<CacheKey> result, Mode mode) {
    Walk walk = new Walk();
    result.forEach(key -> walk.export(key, mode == Mode.MIN ? Depth.FIRST : Depth.ALL));
  }

  /// What was collected.
  ///
  /// @param fit which results may be spoken of
  public ExportedCache finish(Predicate<LayerChain> fit) {
    return ConfigWriter.write(graph, fit);
  }

  private enum Depth {
    /// Every result.
    ALL,
    /// The first on the way that can be made, then only known ones.
    FIRST,
    KNOWN
  }

  /// What leads to one result.
  private final class Walk {
    private final Map<KeyId, List<Node>> exported = new HashMap<>();
    private final Map<KeyId, List<Node>> remembered = new HashMap<>();

    List<Node> export(CacheKey key, Depth depth) {
      List<Node> known = exported.get(key.id());
      if (known != null) {
        return known;
      }
      exported.put(key.id(), List.of());
      List<Node> nodes = key.inputs().isEmpty() ? root(key) : step(key, depth);
      exported.put(key.id(), nodes);
      return nodes;
    }

    private List<Node> root(CacheKey key) {
      return key.shareable()
          ? List.of(graph.root(KeyId.nameOf(key.digest(), key.output())))
          : List.of();
    }

    private List<Node> step(CacheKey key, Depth depth) {
      Optional<LayerChain> result = result(key, depth);
      Depth below = result.isPresent() && depth == Depth.FIRST ? Depth.KNOWN : depth;
      List<List<Link>> inputs = new ArrayList<>();
      for (List<CacheKey.Link> alternatives : key.inputs()) {
        List<Link> links = new ArrayList<>();
        for (CacheKey.Link alternative : alternatives) {
          String selector = alternative.selector().map(Digest::toString).orElse("");
          export(alternative.key(), below).forEach(node -> links.add(new Link(node, selector)));
        }
        inputs.add(links);
      }
      remember(key.id());
      if (!key.shareable() || inputs.stream().anyMatch(List::isEmpty)) {
        return List.of();
      }
      return List.of(
          graph.step(KeyId.nameOf(key.digest(), key.output()), inputs, result.stream().toList()));
    }

    private Optional<LayerChain> result(CacheKey key, Depth depth) {
      if (!key.exported()) {
        return Optional.empty();
      }
      List<KeyResult> results =
          keys.find(key.id()).stream()
              .flatMap(match -> match.results().stream())
              .sorted(Comparator.comparing(KeyResult::createdAt).reversed())
              .toList();
      for (KeyResult each : results) {
        Optional<LayerChain> chain = depth == Depth.KNOWN ? chains.known(each) : chains.make(each);
        if (chain.isPresent()) {
          return chain;
        }
      }
      return Optional.empty();
    }

    /// Adds all ways by which the key can be found, as the cache remembers them from other builds.
    private List<Node> remember(KeyId id) {
      List<Node> known = remembered.get(id);
      if (known != null) {
        return known;
      }
      remembered.put(id, List.of());
      List<Node> nodes = new ArrayList<>();
      if (id.isShareable()) {
        List<Origin> origins = keys.origins(id);
        if (origins.isEmpty() && Digest.isDigest(id.text())) {
          nodes.add(graph.root(Digest.parse(id.text())));
        }
        waysTo(origins)
            .forEach(
                (name, inputs) -> {
                  if (inputs.stream().noneMatch(List::isEmpty)) {
                    nodes.add(graph.step(name, inputs, List.of()));
                  }
                });
      }
      remembered.put(id, nodes);
      return nodes;
    }

    private Map<Digest, List<List<Link>>> waysTo(List<Origin> origins) {
      Map<Digest, List<List<Link>>> ways = new LinkedHashMap<>();
      for (Origin origin : origins) {
        List<List<Link>> inputs =
            ways.computeIfAbsent(origin.link().name(), _ -> new ArrayList<>());
        while (inputs.size() <= origin.link().input()) {
          inputs.add(new ArrayList<>());
        }
        String selector = origin.link().selector().map(Digest::toString).orElse("");
        for (Node source : remember(origin.source())) {
          inputs.get(origin.link().input()).add(new Link(source, selector));
        }
      }
      return Collections.unmodifiableMap(ways);
    }
  }
}
