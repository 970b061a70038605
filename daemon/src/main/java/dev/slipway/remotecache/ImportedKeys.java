package dev.slipway.remotecache;

import dev.slipway.failure.CorruptData;
import dev.slipway.oci.Digest;
import dev.slipway.remotecache.CacheConfig.Chain;
import dev.slipway.remotecache.CacheConfig.Entry;
import dev.slipway.remotecache.CacheConfig.Layer;
import dev.slipway.remotecache.CacheConfig.Link;
import dev.slipway.remotecache.CacheConfig.Result;
import dev.slipway.solver.cachekey.Alternative;
import dev.slipway.solver.cachekey.CacheKeyView;
import dev.slipway.solver.cachekey.InMemoryCacheKeyStore;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyLink;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.solver.cachekey.KeyRecord;
import dev.slipway.solver.cachekey.KeyResult;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Imported caches as a graph of keys, and the layers of their results. Several (those of an
/// image's platforms) make one graph. Immutable.
///
/// An exported cache names operation and output together, so links here are [KeyLink#named()].
public final class ImportedKeys implements CacheKeyView {
  private static final String RESULT = "imported:";

  private final InMemoryCacheKeyStore keys = new InMemoryCacheKeyStore();
  private final Map<String, LayerChain> results = new HashMap<>();

  private ImportedKeys() {}

  /// @throws CorruptData a table contradicts itself
  public static ImportedKeys of(List<ImportedConfig> configs) {
    ImportedKeys imported = new ImportedKeys();
    configs.forEach(imported::add);
    return imported;
  }

  /// Whether the id is of a result that came from some import.
  public static boolean isResult(String id) {
    return id.startsWith(RESULT);
  }

  /// The layers of a result.
  public Optional<LayerChain> result(String id) {
    return Optional.ofNullable(results.get(id));
  }

  @Override
  public Optional<KeyMatch> find(KeyId key) {
    return keys.find(key);
  }

  @Override
  public List<KeyMatch> follow(KeyId source, KeyLink link) {
    return keys.follow(source, link.named());
  }

  @Override
  public List<Origin> origins(KeyId key) {
    return keys.origins(key);
  }

  @Override
  public List<Continuation> continuations(KeyId key) {
    return keys.continuations(key);
  }

  @Override
  public Optional<KeyId> anyOf(Digest operation, int output) {
    return keys.anyOf(KeyId.nameOf(operation, output), KeyLink.NAMED);
  }

  @Override
  public void walk(Consumer<KeyId> to) {
    keys.walk(to);
  }

  /// Records refer to others by index, in any order; those referred to come first here.
  private void add(ImportedConfig imported) {
    List<Entry> records = imported.config().records();
    Map<Integer, KeyId> done = new HashMap<>();
    Deque<Integer> open = new ArrayDeque<>();
    boolean[] begun = new boolean[records.size()];
    for (int start = 0; start < records.size(); start++) {
      open.push(start);
      while (!open.isEmpty()) {
        int next = open.peek();
        if (done.containsKey(next)) {
          open.pop();
          continue;
        }
        List<Integer> missing =
            records.get(next).inputs().stream()
                .flatMap(List::stream)
                .map(Link::record)
                .filter(input -> !done.containsKey(input))
                .toList();
        if (missing.isEmpty()) {
          open.pop();
          done.put(next, add(imported, records.get(next), done));
        } else {
          if (begun[next]) {
            throw new CorruptData("invalid looping record");
          }
          begun[next] = true;
          for (int input : missing) {
            if (input < 0 || input >= records.size()) {
              throw new CorruptData("invalid record ID: " + input);
            }
            open.push(input);
          }
        }
      }
    }
  }

  private KeyId add(ImportedConfig imported, Entry entry, Map<Integer, KeyId> done) {
    List<List<Alternative>> inputs = new ArrayList<>();
    for (List<Link> slot : entry.inputs()) {
      if (slot.isEmpty()) {
        throw new CorruptData("invalid empty input for record " + entry.digest());
      }
      inputs.add(
          slot.stream()
              .map(
                  link ->
                      new Alternative(
                          Optional.ofNullable(done.get(link.record())).orElseThrow(),
                          selector(link)))
              .toList());
    }
    KeyRecord record = new KeyRecord(entry.digest(), KeyLink.NAMED, true, inputs);
    KeyId key =
        inputs.isEmpty()
            ? new KeyId(entry.digest().toString())
            : keys.record(record, Optional.empty());
    for (LayerChain chain : chains(imported, entry)) {
      keys.recordAs(key, record, Optional.of(new KeyResult(keep(chain), chain.createdAt())));
    }
    return key;
  }

  private static Optional<Digest> selector(Link link) {
    if (link.selector().isEmpty()) {
      return Optional.empty();
    }
    if (!Digest.isDigest(link.selector())) {
      throw new CorruptData("invalid selector in a cache config");
    }
    return Optional.of(Digest.parse(link.selector()));
  }

  private String keep(LayerChain chain) {
    StringBuilder text = new StringBuilder();
    chain.layers().forEach(layer -> text.append(layer.blob().digest()));
    String id = RESULT + Digest.ofText(text.toString()).hex();
    results.putIfAbsent(id, chain);
    return id;
  }

  private static List<LayerChain> chains(ImportedConfig imported, Entry entry) {
    List<LayerChain> chains = new ArrayList<>();
    for (Result result : entry.results()) {
      stack(imported.config().layers(), result.layer())
          .flatMap(indexes -> chain(imported, indexes, result.createdAt()))
          .ifPresent(chains::add);
    }
    for (Chain chain : entry.chains()) {
      chain(imported, chain.layers(), chain.createdAt()).ifPresent(chains::add);
    }
    return chains;
  }

  /// The layer with all that it lies on, base first.
  private static Optional<List<Integer>> stack(List<Layer> layers, int top) {
    List<Integer> indexes = new ArrayList<>();
    int next = top;
    while (true) {
      requireLayer(layers, next);
      indexes.add(next);
      if (indexes.size() > layers.size()) {
        throw new CorruptData("invalid looping layer");
      }
      if (layers.get(next).parent().isEmpty()) {
        return Optional.of(indexes.reversed());
      }
      next = layers.get(next).parent().getAsInt();
    }
  }

  /// Empty when one of the layers is not there any more.
  private static Optional<LayerChain> chain(
      ImportedConfig imported, List<Integer> indexes, Instant createdAt) {
    List<CachedLayer> layers = new ArrayList<>();
    for (int index : indexes) {
      requireLayer(imported.config().layers(), index);
      Optional<CachedLayer> layer =
          Optional.ofNullable(
              imported.layers().get(imported.config().layers().get(index).digest()));
      if (layer.isEmpty()) {
        return Optional.empty();
      }
      layers.add(layer.get());
    }
    return layers.isEmpty() ? Optional.empty() : Optional.of(new LayerChain(layers, createdAt));
  }

  private static void requireLayer(List<Layer> layers, int index) {
    if (index < 0 || index >= layers.size()) {
      throw new CorruptData("invalid layer index " + index);
    }
  }
}
