package dev.slipway.exporter.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.exporter.Exporter;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.testing.GoldenImages;
import dev.slipway.image.testing.GoldenResult;
import dev.slipway.image.testing.PullFixture;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Index;
import dev.slipway.oci.Manifest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.OciJson;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore.LayerSource;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.source.image.RegistryLayerFetcher;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What each attribute of an exporter of images does to the image, as a registry gets it.
class ImageAttributesTest {
  @TempDir Path folder;
  private PullFixture fixture;
  private ImageExporter exporter;

  @BeforeEach
  void start() throws IOException {
    fixture =
        new PullFixture(
            folder,
            made ->
                Map.of(
                    "registry",
                    new RegistryLayerFetcher(
                        made.client.fetcher(), made.content, _ -> CredentialSource.none())));
    GoldenImages.pushTo(fixture.registry);
    exporter =
        new ImageExporter(
            fixture.refs,
            fixture.content,
            fixture.converter(),
            fixture.client,
            _ -> CredentialSource.none());
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void annotationsStandWhereTheirLevelSays() throws IOException {
    try (GoldenResult golden = GoldenResult.of("multi-platform-plain", fixture)) {
      Exporter.Exported exported =
          push(
              golden,
              Map.of(
                  "annotation.plain", "1",
                  "annotation-manifest[linux/amd64].one", "2",
                  "annotation-manifest-descriptor.pointed", "3",
                  "annotation-manifest-descriptor[linux/arm64].other", "4",
                  "annotation-index.index", "5",
                  "annotation-index-descriptor.root", "6"));

      Index index = OciJson.index(manifest("v1"));
      Descriptor amd = index.manifests().getFirst();
      Descriptor arm = index.manifests().getLast();
      assertThat(OciJson.manifest(manifest(amd.digest().toString())).annotations())
          .isEqualTo(Map.of("plain", "1", "one", "2"));
      assertThat(OciJson.manifest(manifest(arm.digest().toString())).annotations())
          .isEqualTo(Map.of("plain", "1"));
      assertThat(amd.annotations()).isEqualTo(Map.of("pointed", "3"));
      assertThat(arm.annotations()).isEqualTo(Map.of("pointed", "3", "other", "4"));
      assertThat(index.annotations()).isEqualTo(Map.of("index", "5"));
      assertThat(exported.image().orElseThrow().annotations()).containsEntry("root", "6");
    }
  }

  @Test
  void annotationsForAPlatformThatIsNotThereAreRefused() throws IOException {
    try (GoldenResult golden = GoldenResult.of("multi-platform-plain", fixture)) {
      assertThatThrownBy(() -> push(golden, Map.of("annotation[linux/s390x].a", "b")))
          .isInstanceOf(InvalidRequest.class)
          .hasMessage("invalid annotation: no platform linux/s390x found in source");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "uncompressed, application/vnd.oci.image.layer.v1.tar",
    "gzip, application/vnd.oci.image.layer.v1.tar+gzip",
    "estargz, application/vnd.oci.image.layer.v1.tar+gzip",
    "zstd, application/vnd.oci.image.layer.v1.tar+zstd",
  })
  void layersAreCompressedAsAsked(String kind, String type) throws IOException {
    Descriptor layer = layer(Map.of("compression", kind, "force-compression", "true"));

    assertThat(layer.mediaType().value()).isEqualTo(type);
    assertThat(layer.annotations().containsKey("containerd.io/snapshot/stargz/toc.digest"))
        .isEqualTo(kind.equals("estargz"));
  }

  @Test
  void layersThatAreCompressedOtherwiseStayUnlessForced() throws IOException {
    assertThat(layer(Map.of("compression", "zstd")).mediaType()).isEqualTo(MediaType.OCI_LAYER);
    assertThat(layer(Map.of("compression", "zstd", "force-compression", "")).mediaType())
        .isEqualTo(MediaType.OCI_LAYER_ZSTD);
  }

  @Test
  void theLevelOfCompressionIsHeard() throws IOException {
    Descriptor plain = layer(Map.of("compression", "uncompressed"));
    Descriptor stored = layer(Map.of("compression-level", "0", "force-compression", "1"));

    assertThat(stored.mediaType()).isEqualTo(MediaType.OCI_LAYER_GZIP);
    assertThat(stored.bytes()).isGreaterThan(plain.bytes());
    assertThatThrownBy(() -> exporter.prepare("image", 0, Map.of("compression-level", "best")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("non-integer value best specified for compression-level");
  }

  @Test
  void typesAreDockersWhereAskedFor() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      push(golden, Map.of("oci-mediatypes", "false"));
      Manifest manifest = OciJson.manifest(manifest("v1"));

      assertThat(manifest.mediaType()).isEqualTo(MediaType.DOCKER_MANIFEST);
      assertThat(manifest.config().mediaType()).isEqualTo(MediaType.DOCKER_CONFIG);
    }
  }

  @Test
  void layersThatMayNotBeHandedOnSaySoWhereThatIsPreferred() {
    try (ImmutableRef foreign = foreignLayer()) {
      assertThat(onlyLayer(foreign, Map.of("prefer-nondist-layers", "true")).mediaType().value())
          .isEqualTo("application/vnd.oci.image.layer.nondistributable.v1.tar");
      assertThat(onlyLayer(foreign, Map.of()).mediaType()).isEqualTo(MediaType.OCI_LAYER);
    }
  }

  @Test
  void filesGetTheTimeOfTheEpochWhereAskedFor() throws IOException {
    Map<String, String> epoch = Map.of("source-date-epoch", "1000000", "force-compression", "1");
    Map<String, String> rewritten = new HashMap<>(epoch);
    rewritten.put("rewrite-timestamp", "true");

    assertThat(times(layer(rewritten))).isNotEmpty().allMatch(time -> time <= 1_000_000);
    assertThat(times(layer(epoch))).anyMatch(time -> time > 1_000_000);
  }

  @Test
  void theEpochIsTheImagesTime() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      push(golden, Map.of("source-date-epoch", "1000000"));

      assertThat(config()).contains("\"created\":\"1970-01-12T13:46:40Z\"");
    }
  }

  @Test
  void everyNameIsPushed() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      String names = name("v1") + "," + name("v2");

      Exporter.Exported exported = push(golden, Map.of("name", names));

      assertThat(exported.response()).containsEntry("image.name", names);
      assertThat(manifest("v1")).isEqualTo(manifest("v2"));
    }
  }

  @Test
  void aStarMeansTheNameThatTheFrontendGave() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      golden.metadata.put("image.name", name("given").getBytes(StandardCharsets.UTF_8));

      assertThat(push(golden, Map.of("name", "*")).response())
          .containsEntry("image.name", name("given"));
      assertThat(manifest("given")).isNotEmpty();
    }
  }

  @Test
  void aDanglingNameIsForNamelessImagesOnlyWhereAskedFor() throws IOException {
    Map<String, String> dangling =
        Map.of("dangling-name-prefix", "dangling", "danging-name-empty-only", "true");
    Map<String, String> named = new HashMap<>(dangling);
    named.put("name", "app");
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      assertThat(export(golden, named).response()).containsEntry("image.name", "app");
      Exporter.Exported nameless = export(golden, dangling);
      assertThat(nameless.response())
          .containsEntry(
              "image.name", "dangling@" + nameless.response().get("containerimage.digest"));
    }
  }

  /// The registry shows a certificate that nobody vouches for.
  @Test
  void anInsecureRegistryNeedsNoCertificate() throws IOException {
    try (InProcessRegistry strange = InProcessRegistry.startWithUnknownCertificate();
        GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Map<String, String> name = Map.of("name", strange.host() + "/app:v1");
      Map<String, String> insecure = new HashMap<>(name);
      insecure.put("registry.insecure", "true");

      push(golden, insecure);

      assertThat(strange.manifest("app", "v1")).isPresent();
      assertThatThrownBy(() -> push(golden, name)).isInstanceOf(BuildFailure.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "push",
        "push-by-digest",
        "registry.insecure",
        "unpack",
        "store",
        "name-canonical",
        "danging-name-empty-only",
        "oci-mediatypes",
        "oci-artifact",
        "attestation-inline",
        "prefer-nondist-layers",
        "rewrite-timestamp",
        "force-compression",
      })
  void whatIsNeitherTrueNorFalseIsRefused(String attribute) {
    assertThatThrownBy(() -> exporter.prepare("image", 0, Map.of(attribute, "perhaps")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining(attribute);
  }

  /// As clients pass on what frontends say.
  @Test
  void whatIsNoAttributeIsMetadata() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      push(
          golden, Map.of("containerimage.config", "{\"architecture\":\"s390x\",\"os\":\"linux\"}"));

      assertThat(config()).contains("\"architecture\":\"s390x\"");
    }
  }

  @Test
  void theAnswerTellsWhatWasMade() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Map<String, String> response = push(golden, Map.of()).response();

      Manifest manifest = OciJson.manifest(manifest("v1"));
      assertThat(response)
          .containsOnlyKeys(
              "containerimage.digest",
              "containerimage.config.digest",
              "containerimage.descriptor",
              "image.name")
          .containsEntry("containerimage.digest", Digest.ofBytes(manifest("v1")).toString())
          .containsEntry("containerimage.config.digest", manifest.config().digest().toString());
    }
  }

  /// The only layer of a pushed image.
  private Descriptor layer(Map<String, String> attributes) throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      push(golden, attributes);
      return OciJson.manifest(manifest("v1")).layers().getFirst();
    }
  }

  private Descriptor onlyLayer(ImmutableRef ref, Map<String, String> more) {
    export(Optional.of(ref), new LinkedHashMap<>(), Map.of(), pushed(more))
        .afterwards()
        .orElseThrow()
        .run(fixture.context());
    return OciJson.manifest(manifest("v1")).layers().getFirst();
  }

  private ImmutableRef foreignLayer() {
    byte[] bytes = "layer".getBytes(StandardCharsets.UTF_8);
    Descriptor blob =
        fixture
            .registry
            .addBlob("library/base", MediaType.OCI_LAYER, bytes)
            .withMediaType(new MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar"))
            .withUrls(List.of("https://example.com/layer"));
    return fixture.refs.ofLayers(
        List.of(
            new LayerSource(
                blob,
                new DiffId(blob.digest()),
                Optional.of(new LayerOrigin("registry", fixture.registry.host() + "/library/base")),
                "base")),
        RefDescription.regular("base"));
  }

  private List<Long> times(Descriptor layer) throws IOException {
    List<Long> times = new ArrayList<>();
    byte[] blob = fixture.registry.blob("app", layer.digest()).orElseThrow();
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(blob)))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        times.add(entry.getLastModifiedTime().toMillis() / 1000);
      }
    }
    return times;
  }

  private String config() {
    Digest digest = OciJson.manifest(manifest("v1")).config().digest();
    return new String(fixture.registry.blob("app", digest).orElseThrow(), StandardCharsets.UTF_8);
  }

  private byte[] manifest(String reference) {
    return fixture.registry.manifest("app", reference).orElseThrow();
  }

  private String name(String tag) {
    return fixture.registry.host() + "/app:" + tag;
  }

  private Exporter.Exported push(GoldenResult golden, Map<String, String> more) {
    Exporter.Exported exported = export(golden, pushed(more));
    exported.afterwards().orElseThrow().run(fixture.context());
    return exported;
  }

  private Map<String, String> pushed(Map<String, String> more) {
    Map<String, String> attributes = new HashMap<>(Map.of("push", "true", "name", name("v1")));
    attributes.putAll(more);
    return attributes;
  }

  private Exporter.Exported export(GoldenResult golden, Map<String, String> attributes) {
    return export(golden.single(), golden.refs, golden.metadata, attributes);
  }

  private Exporter.Exported export(
      Optional<ImmutableRef> single,
      SequencedMap<String, Optional<ImmutableRef>> refs,
      Map<String, byte[]> metadata,
      Map<String, String> attributes) {
    return exporter
        .prepare("image", 0, attributes)
        .export(
            new Exporter.Input(single, refs, metadata),
            fixture.context(),
            new Exporter.ExportSession("client", "build", Optional.empty()));
  }
}
