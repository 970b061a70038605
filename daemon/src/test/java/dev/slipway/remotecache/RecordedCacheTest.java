package dev.slipway.remotecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.solver.cachekey.KeyId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The forms of a cache against those that the genuine daemon wrote.
class RecordedCacheTest {
  @Test
  void aTableIsWrittenAsItWasRead() {
    assertThat(text(CacheJson.write(CacheJson.read(Recorded.CONFIG))))
        .isEqualTo(text(Recorded.CONFIG));
  }

  @Test
  void aManifestIsWrittenAsTheGenuineDaemonWritesIt() {
    ImportedConfig read = Recorded.read(Recorded.MANIFEST, Recorded.CONFIG).getFirst();

    ManifestForm.Written written =
        ManifestForm.of(Map.of()).write(new ExportedCache(read.config(), read.layers()));

    assertThat(text(written.config().bytes())).isEqualTo(text(Recorded.CONFIG));
    assertThat(text(written.manifest().bytes())).isEqualTo(text(Recorded.MANIFEST));
  }

  @Test
  void anIndexListsTheTableLast() {
    ImportedConfig read = Recorded.read(Recorded.MANIFEST, Recorded.CONFIG).getFirst();
    ExportedCache cache = new ExportedCache(read.config(), read.layers());

    ManifestForm.Written oci = ManifestForm.of(Map.of("image-manifest", "false")).write(cache);
    ManifestForm.Written docker = ManifestForm.of(Map.of("oci-mediatypes", "false")).write(cache);

    assertThat(oci.manifest().descriptor().mediaType()).isEqualTo(MediaType.OCI_INDEX);
    assertThat(docker.manifest().descriptor().mediaType()).isEqualTo(MediaType.DOCKER_LIST);
    assertThat(docker.layers())
        .allSatisfy(layer -> assertThat(layer.mediaType()).isEqualTo(MediaType.DOCKER_LAYER_GZIP));
    ImportedConfig again =
        Recorded.read(docker.manifest().bytes(), docker.config().bytes()).getFirst();
    assertThat(again.config()).isEqualTo(read.config());
    assertThat(again.layers()).containsOnlyKeys(read.layers().keySet());
  }

  @Test
  void attributesThatExcludeEachOtherAreRefused() {
    assertThatThrownBy(
            () -> ManifestForm.of(Map.of("image-manifest", "true", "oci-mediatypes", "0")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("OCI mediatypes are required for image-manifest cache format");
  }

  @Test
  void everyRecordedResultIsFoundWithItsLayers() {
    List<ImportedConfig> read = Recorded.read(Recorded.MANIFEST, Recorded.CONFIG);

    ImportedKeys keys = ImportedKeys.of(read);

    List<String> results = results(keys);
    assertThat(results).hasSize(5);
    assertThat(results)
        .allSatisfy(
            id -> {
              LayerChain chain = keys.result(id).orElseThrow();
              assertThat(chain.layers())
                  .allSatisfy(
                      layer -> {
                        assertThat(layer.blob().diffId()).isPresent();
                        assertThat(layer.origin()).isPresent();
                      });
            });
  }

  @Test
  void anImagesOwnCacheIsMadeOfItsLayers() {
    List<ImportedConfig> read = Recorded.read(Recorded.INLINE_MANIFEST, Recorded.INLINE_IMAGE);

    ImportedKeys keys = ImportedKeys.of(read);

    assertThat(results(keys)).hasSize(3);
    assertThat(results(keys))
        .extracting(id -> keys.result(id).orElseThrow().layers().size())
        .containsExactlyInAnyOrder(2, 3, 4);
    CachedLayer top = keys.result(results(keys).getFirst()).orElseThrow().layers().getLast();
    assertThat(top.blob().annotations())
        .containsKeys(CachedLayer.CREATED_AT, Descriptor.UNCOMPRESSED);
  }

  @Test
  void aResultWithoutAllItsLayersIsPassedOver() {
    ImportedConfig read = Recorded.read(Recorded.MANIFEST, Recorded.CONFIG).getFirst();
    Digest base =
        read.config().layers().stream()
            .filter(layer -> layer.parent().isEmpty())
            .findFirst()
            .orElseThrow()
            .digest();
    Map<Digest, CachedLayer> layers = new HashMap<>(read.layers());
    layers.remove(base);

    ImportedKeys keys = ImportedKeys.of(List.of(new ImportedConfig(read.config(), layers)));

    assertThat(results(keys)).isEmpty();
  }

  @Test
  void recordsThatLeadToThemselvesAreRefused() {
    CacheConfig loop =
        CacheJson.read(
            bytes(
                """
                {"records":[
                {"digest":"sha256:%1$s","inputs":[[{"link":1}]]},
                {"digest":"sha256:%1$s","inputs":[[{"link":0}]]}]}"""
                    .formatted("a".repeat(64))));

    assertThatThrownBy(() -> ImportedKeys.of(List.of(new ImportedConfig(loop, Map.of()))))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("invalid looping record");
  }

  @Test
  void layersThatLieOnThemselvesAreRefused() {
    CacheConfig loop =
        CacheJson.read(
            bytes(
                """
                {"layers":[{"blob":"sha256:%1$s","parent":1},{"blob":"sha256:%1$s"}],"records":[
                {"digest":"sha256:%1$s","layers":[{"layer":0,"createdAt":"2026-01-01T00:00:00Z"}]}]}"""
                    .formatted("a".repeat(64))));

    assertThatThrownBy(() -> ImportedKeys.of(List.of(new ImportedConfig(loop, Map.of()))))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("invalid looping layer");
  }

  @Test
  void linksToNowhereAreRefused() {
    for (int link : new int[] {-1, 7}) {
      CacheConfig broken =
          CacheJson.read(
              bytes(
                  "{\"records\":[{\"digest\":\"sha256:%s\",\"inputs\":[[{\"link\":%d}]]}]}"
                      .formatted("a".repeat(64), link)));
      assertThatThrownBy(() -> ImportedKeys.of(List.of(new ImportedConfig(broken, Map.of()))))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining("invalid record ID: " + link);
    }
  }

  private static List<String> results(ImportedKeys keys) {
    List<String> results = new java.util.ArrayList<>();
    keys.walk(
        (KeyId key) ->
            keys.find(key).orElseThrow().results().forEach(result -> results.add(result.id())));
    return results.stream().distinct().sorted().toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
