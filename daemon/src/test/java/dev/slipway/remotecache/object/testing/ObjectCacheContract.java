package dev.slipway.remotecache.object.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.testing.NoSessions;
import dev.slipway.registry.EnvironmentProxies;
import dev.slipway.remotecache.CacheConfig;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.ExportedCache;
import dev.slipway.remotecache.ImportedConfig;
import dev.slipway.remotecache.LayerBlobs;
import dev.slipway.remotecache.object.KnownPlaces;
import dev.slipway.remotecache.object.ObjectCache;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.PlaceLayers;
import dev.slipway.remotecache.object.StoreConnections;
import dev.slipway.remotecache.object.testing.ObjectServer.Fault;
import dev.slipway.session.SessionGroup;
import dev.slipway.task.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every kind of store does for a cache, whatever its protocol.
public abstract class ObjectCacheContract {
  private static final Instant MADE = Instant.parse("2026-01-02T03:04:05.678Z");

  /// Sleeping takes no time but on this clock.
  protected final Clock clock =
      new Clock() {
        private Duration slept = Duration.ZERO;

        @Override
        public synchronized Instant now() {
          return Instant.now().plus(slept);
        }

        @Override
        public synchronized void sleep(Duration duration) {
          slept = slept.plus(duration);
        }
      };

  protected final StoreConnections connections =
      new StoreConnections(EnvironmentProxies.of(Map.of()));
  private final InMemoryContentStore exporting = new InMemoryContentStore();
  private final InMemoryContentStore importing = new InMemoryContentStore();
  private final KnownPlaces places = new KnownPlaces(Set.of("s3", "azblob", "gha"));
  private ObjectServer server;

  /// Starts an empty store. The contract closes it.
  protected abstract ObjectServer start();

  protected abstract PlaceKind kind();

  /// That lead to the store, with credentials.
  protected abstract Map<String, String> attributes();

  /// The same with credentials that it does not take.
  protected abstract Map<String, String> wrongAttributes();

  /// Finds requests that read a layer.
  protected abstract String layerRead();

  /// Finds requests that write a layer or a piece of it.
  protected abstract String layerWritten();

  /// Takes away all layers.
  protected abstract void loseLayers();

  @BeforeEach
  void open() {
    server = start();
  }

  @AfterEach
  void close() {
    server.close();
    connections.close();
  }

  protected final ObjectServer server() {
    return server;
  }

  @Test
  void whatWasWrittenIsRead() {
    ExportedCache cache = cache("one", "two");

    write(cache);
    ImportedConfig read = read().getFirst();

    assertThat(read.config().records()).isEqualTo(cache.config().records());
    assertThat(read.config().layers())
        .extracting(CacheConfig.Layer::digest, CacheConfig.Layer::parent)
        .containsExactlyElementsOf(
            cache.config().layers().stream()
                .map(layer -> org.assertj.core.groups.Tuple.tuple(layer.digest(), layer.parent()))
                .toList());
    assertThat(read.layers().values())
        .extracting(CachedLayer::blob)
        .containsExactlyInAnyOrderElementsOf(
            cache.layers().values().stream().map(CachedLayer::blob).toList());
  }

  @Test
  void layersAreFetchedFromWhereTheyWereRead() {
    write(cache("one"));

    CachedLayer layer = read().getFirst().layers().values().iterator().next();
    fetch(layer);

    assertThat(importing.find(layer.blob().digest())).isPresent();
  }

  /// Larger than any store's piece.
  @Test
  void largeLayersComeBackWhole() {
    byte[] large = new byte[(36 << 20) + 1];
    new Random(7).nextBytes(large);
    write(cacheOf(List.of(large)));

    CachedLayer layer = read().getFirst().layers().values().iterator().next();
    fetch(layer);

    assertThat(layer.blob().bytes()).isEqualTo(large.length);
    assertThat(importing.find(Digest.ofBytes(large))).isPresent();
    assertThat(
            server.requests().stream().filter(each -> each.matches(".*" + layerWritten() + ".*")))
        .hasSizeGreaterThan(1);
  }

  @Test
  void layersThatAreThereAreNotSentAgain() {
    write(cache("one"));
    int before = server.requests().size();

    write(cache("one", "two"));

    assertThat(server.requests().subList(before, server.requests().size()))
        .filteredOn(each -> each.matches(".*" + layerWritten() + ".*"))
        .hasSize(1);
  }

  @Test
  void theLastTableCounts() {
    write(cache("one"));
    write(cache("two"));

    assertThat(read().getFirst().layers()).containsOnlyKeys(Digest.ofText("two"));
  }

  @Test
  void whereNothingWasWrittenNothingIsRead() {
    assertThat(read()).isEmpty();
  }

  @Test
  void anEmptyCacheIsNotWritten() {
    write(new ExportedCache(new CacheConfig(List.of(), List.of()), Map.of()));

    assertThat(server.requests()).isEmpty();
  }

  /// Each answer breaks off after some bytes; what came is not fetched again.
  @Test
  void aTransferThatBreaksGoesOn() {
    write(cache("a layer of some bytes"));
    CachedLayer layer = read().getFirst().layers().values().iterator().next();
    server.next(new Fault.Cut(layerRead(), 5));
    server.next(new Fault.Cut(layerRead(), 6));

    fetch(layer);

    assertThat(importing.find(layer.blob().digest())).isPresent();
    assertThat(server.requests().stream().filter(each -> each.matches(".*" + layerRead() + ".*")))
        .hasSize(3);
  }

  @Test
  void aBusyStoreIsAskedAgain() {
    server.next(new Fault.Status(".", 429, Map.of("Retry-After", "0"), ""));
    server.next(new Fault.Status(layerWritten(), 503, Map.of(), ""));
    server.next(new Fault.Status(layerWritten(), 500, Map.of(), ""));

    write(cache("one"));

    assertThat(read()).hasSize(1);
  }

  @Test
  void wrongCredentialsAreRefusedWithTheStoresWords() {
    write(cache("one"));

    assertThatThrownBy(() -> backend().origin(wrongAttributes()).read(context()))
        .isInstanceOf(BuildFailure.class)
        .hasMessageMatching("(?s).*(40[13]).*");
    assertThatThrownBy(() -> backend().target(wrongAttributes()).write(cache("two"), context()))
        .isInstanceOf(BuildFailure.class)
        .hasMessageMatching("(?s).*(40[13]).*");
  }

  @Test
  void aLayerThatWasLostIsNotSpokenOf() {
    write(cache("one"));
    CachedLayer layer = read().getFirst().layers().values().iterator().next();
    boolean before = backend().has(layer, context());

    loseLayers();

    assertThat(before).isTrue();
    assertThat(backend().has(layer, context())).isFalse();
    assertThatThrownBy(() -> fetch(layer)).isInstanceOf(NotFound.class);
  }

  @Test
  void layersOfPlacesNobodyNamedCannotBeFetched() {
    write(cache("one"));
    CachedLayer layer = read().getFirst().layers().values().iterator().next();
    PlaceLayers restarted = new PlaceLayers(importing, new KnownPlaces(Set.of()), clock);

    assertThatThrownBy(() -> restarted.fetch(layer.blob(), layer.origin().orElseThrow(), context()))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("to which no build has brought credentials");
  }

  @Test
  void originsHoldNoSecrets() {
    write(cache("one"));

    String reference =
        read().getFirst().layers().values().iterator().next().origin().orElseThrow().reference();

    attributes()
        .forEach(
            (name, value) -> {
              if (name.contains("key") || name.contains("token")) {
                assertThat(reference).doesNotContain(value);
              }
            });
  }

  protected final void write(ExportedCache cache) {
    backend().target(attributes()).write(cache, context());
  }

  protected final List<ImportedConfig> read() {
    return backend().origin(attributes()).read(context());
  }

  protected final void fetch(CachedLayer layer) {
    new PlaceLayers(importing, places, clock)
        .fetch(layer.blob(), layer.origin().orElseThrow(), context());
  }

  protected final ObjectCache backend() {
    LayerBlobs blobs =
        new LayerBlobs(
            exporting,
            (blob, _, _) -> {
              throw new NotFound("nothing is fetched: " + blob.digest());
            });
    return new ObjectCache(kind(), places, importing, blobs);
  }

  protected static FetchContext context() {
    return new FetchContext(
        new SessionGroup(new NoSessions(), List::of),
        new VertexProgress(Digest.ofText("test"), ProgressSink.none(), Clock.system()));
  }

  /// Each layer lies on the one before.
  protected final ExportedCache cache(String... layers) {
    return cacheOf(
        List.of(layers).stream().map(each -> each.getBytes(StandardCharsets.UTF_8)).toList());
  }

  private ExportedCache cacheOf(List<byte[]> contents) {
    Map<Digest, CachedLayer> layers = new HashMap<>();
    List<CacheConfig.Layer> table = new java.util.ArrayList<>();
    for (byte[] bytes : contents) {
      Digest digest = exporting.put(bytes);
      Descriptor blob =
          new Descriptor(MediaType.OCI_LAYER_GZIP, digest, bytes.length)
              .withAnnotations(
                  Map.of(
                      Descriptor.UNCOMPRESSED,
                      new DiffId(Digest.ofText("uncompressed " + digest)).toString(),
                      CachedLayer.CREATED_AT,
                      MADE.toString()));
      layers.put(digest, new CachedLayer(blob, Optional.empty()));
      table.add(
          new CacheConfig.Layer(
              digest,
              table.isEmpty() ? OptionalInt.empty() : OptionalInt.of(table.size() - 1),
              Optional.empty()));
    }
    CacheConfig.Entry record =
        new CacheConfig.Entry(
            Digest.ofText("step"),
            List.of(),
            List.of(new CacheConfig.Result(contents.size() - 1, MADE)),
            List.of());
    return new ExportedCache(new CacheConfig(table, List.of(record)), layers);
  }
}
