package dev.slipway.remotecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.testing.PullFixture;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.remotecache.CacheConfig;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.ExportedCache;
import dev.slipway.remotecache.ImportedConfig;
import dev.slipway.remotecache.LayerBlobs;
import dev.slipway.session.Session;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.Sessions;
import dev.slipway.source.image.RegistryLayerFetcher;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryCacheTest {
  private static final byte[] BYTES = "layer".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private PullFixture fixture;
  private CacheBackend caches;
  private ExportedCache cache;

  @BeforeEach
  void start() throws IOException {
    fixture = new PullFixture(folder, _ -> Map.of());
    RegistryLayerFetcher fetcher =
        new RegistryLayerFetcher(
            fixture.client.fetcher(), fixture.content, _ -> CredentialSource.none());
    caches =
        new RegistryCache(
            fixture.client,
            _ -> CredentialSource.none(),
            fixture.content,
            new LayerBlobs(fixture.content, fetcher));
    Descriptor added = fixture.registry.addBlob("base", MediaType.OCI_LAYER_GZIP, BYTES);
    Descriptor layer =
        added.withAnnotations(
            Map.of(Descriptor.UNCOMPRESSED, new DiffId(Digest.ofBytes(BYTES)).toString()));
    LayerOrigin origin = new LayerOrigin("registry", fixture.registry.host() + "/base");
    cache =
        new ExportedCache(
            new CacheConfig(
                List.of(
                    new CacheConfig.Layer(layer.digest(), OptionalInt.empty(), Optional.empty())),
                List.of(
                    new CacheConfig.Entry(Digest.ofText("step"), List.of(), List.of(), List.of()))),
            Map.of(layer.digest(), new CachedLayer(layer, Optional.of(origin))));
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void whatWasWrittenIsRead() {
    Map<String, String> ref = Map.of("ref", fixture.registry.host() + "/cache:1");

    Map<String, String> response = caches.target(ref).write(cache, context());
    List<ImportedConfig> read = caches.origin(ref).read(context());

    assertThat(response.get("cache.manifest")).contains(MediaType.OCI_MANIFEST.value());
    assertThat(read).extracting(ImportedConfig::config).containsExactly(cache.config());
    assertThat(read.getFirst().layers().values())
        .extracting(CachedLayer::origin)
        .containsExactly(
            Optional.of(new LayerOrigin("registry", fixture.registry.host() + "/cache")));
  }

  /// The layer came from a repository the target has already: it is neither fetched nor sent.
  @Test
  void layersThatAreThereAreNotBroughtHere() {
    fixture.registry.addBlob("cache", MediaType.OCI_LAYER_GZIP, BYTES);

    caches.target(Map.of("ref", fixture.registry.host() + "/cache:1")).write(cache, context());

    assertThat(fixture.content.find(Digest.ofBytes(BYTES))).isEmpty();
    assertThat(fixture.registry.requests())
        .noneMatch(request -> request.startsWith("GET") && request.contains("/blobs/"));
  }

  @Test
  void aLayerThatTheRegistryHasLostIsKnownWithoutFetchingIt() {
    CachedLayer layer = cache.layers().values().iterator().next();
    LayerOrigin lost = new LayerOrigin("registry", fixture.registry.host() + "/lost");

    assertThat(caches.has(layer, context())).isTrue();
    assertThat(caches.has(new CachedLayer(layer.blob(), Optional.of(lost)), context())).isFalse();
    assertThat(caches.has(new CachedLayer(layer.blob(), Optional.empty()), context())).isTrue();
    assertThat(fixture.registry.requests())
        .noneMatch(request -> request.startsWith("GET") && request.contains("/blobs/"));
  }

  @Test
  void nothingIsWrittenOfAnEmptyCache() {
    ExportedCache empty =
        new ExportedCache(new CacheConfig(List.of(), cache.config().records()), Map.of());

    Map<String, String> response =
        caches.target(Map.of("ref", fixture.registry.host() + "/cache:1")).write(empty, context());

    assertThat(response).isEmpty();
    assertThat(fixture.registry.requests()).isEmpty();
  }

  /// The registry shows a certificate that nobody vouches for.
  @Test
  void anInsecureRegistryNeedsNoCertificate() throws IOException {
    try (InProcessRegistry strange = InProcessRegistry.startWithUnknownCertificate()) {
      Map<String, String> ref = Map.of("ref", strange.host() + "/cache:1");
      Map<String, String> insecure =
          Map.of("ref", strange.host() + "/cache:1", "registry.insecure", "true");

      caches.target(insecure).write(cache, context());

      assertThat(caches.origin(insecure).read(context())).hasSize(1);
      assertThatThrownBy(() -> caches.target(ref).write(cache, context()))
          .isInstanceOf(BuildFailure.class);
      assertThatThrownBy(() -> caches.origin(ref).read(context())).isInstanceOf(BuildFailure.class);
    }
  }

  @Test
  void aCacheNeedsAName() {
    assertThatThrownBy(() -> caches.target(Map.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("missing ref");
  }

  private static FetchContext context() {
    Sessions none =
        new Sessions() {
          @Override
          public Session require(String id) {
            throw new dev.slipway.failure.NotFound("no active session for " + id);
          }

          @Override
          public Optional<Session> find(String id) {
            return Optional.empty();
          }
        };
    return new FetchContext(
        new SessionGroup(none, List::of),
        new VertexProgress(Digest.ofText("test"), ProgressSink.none(), Clock.system()));
  }
}
