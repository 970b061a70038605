package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.op.RefResult;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore;
import dev.slipway.ref.RefStore.LayerSource;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.ImportedConfig;
import dev.slipway.remotecache.ImportedKeys;
import dev.slipway.remotecache.LayerChain;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.ResultStore;
import dev.slipway.solver.cachekey.CacheKeyView;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyLink;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.task.Interruption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A cache that is fetched when a build first asks it something. When that fails it knows nothing:
/// a build goes on without. Its results become trees whose layers are fetched when they are needed.
/// Thread-safe.
final class LazyImport implements CacheKeyView, ResultStore<RefResult> {
  private static final Logger LOG = LoggerFactory.getLogger(LazyImport.class);

  private final RefStore refs;
  private final Supplier<List<ImportedConfig>> read;
  private final StillThere there;
  private final Consumer<String> warning;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile Optional<ImportedKeys> known = Optional.empty();

  /// @param read fetches the tables, and shows it
  /// @param there whether a result's layers can still be fetched: caches elsewhere lose layers
  ///   without telling, and a build must find out before it relies on them
  /// @param warning tells the user
  LazyImport(
      RefStore refs,
      Supplier<List<ImportedConfig>> read,
      StillThere there,
      Consumer<String> warning) {
    this.refs = refs;
    this.read = read;
    this.there = there;
    this.warning = warning;
  }

  private ImportedKeys keys() {
    Optional<ImportedKeys> before = known;
    if (before.isPresent()) {
      return before.get();
    }
    try {
      reading.lockInterruptibly();
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
    try {
      ImportedKeys keys = known.isPresent() ? known.get() : fetch();
      known = Optional.of(keys);
      return keys;
    } finally {
      reading.unlock();
    }
  }

  /// Reads it now, so that trouble shows.
  ///
  /// @throws BuildFailure it cannot be read
  void read() {
    known = Optional.of(ImportedKeys.of(read.get()));
  }

  private ImportedKeys fetch() {
    try {
      return ImportedKeys.of(read.get());
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure failure) {
      LOG.info("building without an imported cache: {}", failure.getMessage());
      return ImportedKeys.of(List.of());
    }
  }

  @Override
  public Optional<KeyMatch> find(KeyId key) {
    return keys().find(key);
  }

  @Override
  public List<KeyMatch> follow(KeyId source, KeyLink link) {
    return keys().follow(source, link);
  }

  @Override
  public List<Origin> origins(KeyId key) {
    return keys().origins(key);
  }

  @Override
  public List<Continuation> continuations(KeyId key) {
    return keys().continuations(key);
  }

  @Override
  public Optional<KeyId> anyOf(Digest operation, int output) {
    return keys().anyOf(operation, output);
  }

  @Override
  public void walk(Consumer<KeyId> to) {
    keys().walk(to);
  }

  /// It is only read.
  @Override
  public Optional<StoredResult> save(RefResult result) {
    return Optional.empty();
  }

  @Override
  public RefResult load(StoredResult stored, EvaluationContext context) {
    LayerChain chain =
        keys()
            .result(stored.id())
            .orElseThrow(
                () ->
                    new NotFound("the imported cache has no result " + stored.id() + " any more"));
    if (!there.hasAll(chain)) {
      warning.accept("a cached result is lost, layers of it are gone; its step runs again");
      throw new NotFound("the imported cache has lost layers of result " + stored.id());
    }
    List<LayerSource> layers = chain.layers().stream().map(LazyImport::source).toList();
    return RefResult.of(refs.ofLayers(layers, RefDescription.regular("imported cache")));
  }

  @Override
  public boolean exists(String id) {
    return ImportedKeys.isResult(id) && keys().result(id).isPresent();
  }

  /// Results with layers in common are asked for again before they are relied on.
  @Override
  public void lost(String id) {
    keys().result(id).ifPresent(there::doubt);
  }

  private static LayerSource source(CachedLayer layer) {
    Descriptor blob = layer.blob();
    DiffId diffId =
        blob.diffId()
            .orElseThrow(
                () ->
                    new NotFound(
                        "the imported cache does not say what layer "
                            + blob.digest()
                            + " is uncompressed"));
    Map<String, String> kept = new LinkedHashMap<>(blob.annotations());
    kept.keySet().removeAll(Set.of(CachedLayer.CREATED_AT, CachedLayer.DESCRIPTION));
    return new LayerSource(
        blob.withAnnotations(kept),
        diffId,
        layer.origin(),
        blob.annotations().getOrDefault(CachedLayer.DESCRIPTION, ""),
        Optional.ofNullable(blob.annotations().get(CachedLayer.CREATED_AT))
            .flatMap(LazyImport::time));
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }
}
