package dev.slipway.exporter.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.exporter.CompatibilityVersion;
import dev.slipway.exporter.Exporter;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import dev.slipway.image.testing.GoldenImages;
import dev.slipway.image.testing.GoldenResult;
import dev.slipway.image.testing.PullFixture;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.MediaType;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore.LayerSource;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.testing.InProcessRegistry.Fault;
import dev.slipway.source.image.RegistryLayerFetcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageExporterTest {
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
  void severalPlatformsArePushedAsOneIndexItsPartsFirst() throws IOException {
    try (GoldenResult golden = GoldenResult.of("multi-platform-plain", fixture)) {
      String name = fixture.registry.host() + "/team/app:v1";
      Exporter.Exported exported = export(golden, Map.of("name", name, "push", "true"));
      assertThat(fixture.registry.requests())
          .noneMatch(line -> line.startsWith("PUT") && line.contains("/manifests/"));

      exported.afterwards().orElseThrow().run(fixture.context());

      String digest = golden.expected("containerimage.digest");
      assertThat(exported.response())
          .containsEntry("containerimage.digest", digest)
          .containsEntry("image.name", name);
      assertThat(exported.response()).doesNotContainKey("containerimage.config.digest");
      assertThat(fixture.registry.manifest("team/app", "v1").orElseThrow())
          .isEqualTo(fixture.registry.manifest("team/app", digest).orElseThrow());
      assertThat(fixture.registry.requests().getLast()).isEqualTo("PUT /v2/team/app/manifests/v1");
      golden
          .recorded
          .get("layers")
          .forEach(
              layer ->
                  assertThat(
                          fixture.registry.blob(
                              "team/app",
                              dev.slipway.oci.Digest.parse(layer.get("digest").asString())))
                      .isPresent());
      assertThat(fixture.items())
          .contains(
              "pushing layers",
              "pushing manifest for " + fixture.registry.host() + "/team/app:v1@" + digest);
    }
  }

  @Test
  void layersAreAheadOfTheirImage() throws IOException {
    try (ImmutableRef step =
        fixture.step(
            Optional.empty(), root -> java.nio.file.Files.writeString(root.resolve("a"), "1"))) {
      Exporter.Exported exported =
          exporter
              .prepare(
                  "image",
                  0,
                  Map.of(
                      "name",
                      fixture.registry.host() + "/app:v1," + fixture.registry.host() + "/app:v2",
                      "push",
                      "true"))
              .export(
                  new Exporter.Input(Optional.of(step), new LinkedHashMap<>(), Map.of()),
                  fixture.context(),
                  new Exporter.ExportSession("client", "build", Optional.empty()));

      assertThat(fixture.registry.requests())
          .extracting(line -> line.replaceAll("uploads/.*|sha256.*", ""))
          .containsExactly("HEAD /v2/app/blobs/", "POST /v2/app/blobs/", "PUT /v2/app/blobs/");
      exported.afterwards().orElseThrow().run(fixture.context());
      assertThat(fixture.registry.manifest("app", "v1")).isPresent();
      assertThat(fixture.registry.manifest("app", "v2")).isPresent();
    }
  }

  @Test
  void pushingTheSameAgainSendsNoBlob() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Map<String, String> attributes = Map.of("name", fixture.registry.host() + "/app", "push", "");
      export(golden, attributes).afterwards().orElseThrow().run(fixture.context());
      int before = fixture.registry.requests().size();

      export(golden, attributes).afterwards().orElseThrow().run(fixture.context());

      assertThat(fixture.registry.requests().subList(before, fixture.registry.requests().size()))
          .noneMatch(
              line ->
                  line.startsWith("POST") || line.startsWith("PUT") && line.contains("/blobs/"));
    }
  }

  @Test
  void aLayerThatIsNotHereIsMountedFromTheRegistryItCameFrom() throws IOException {
    try (ImmutableRef base = lazyLayer(fixture.registry.host() + "/library/base")) {
      exportAndPush(base, fixture.registry.host() + "/app");

      assertThat(fixture.registry.requests()).noneMatch(line -> line.startsWith("GET"));
      assertThat(
              fixture.registry.blob("app", base.layers().getFirst().blob().orElseThrow().digest()))
          .isPresent();
      assertThat(fixture.content.find(base.layers().getFirst().blob().orElseThrow().digest()))
          .isEmpty();
    }
  }

  @Test
  void aLayerOfAnotherRegistryIsFetchedInOrderToBeSent() throws IOException {
    try (ImmutableRef base = lazyLayer("docker.io/library/base")) {
      exportAndPush(base, fixture.registry.host() + "/app");

      assertThat(fixture.registry.requests())
          .anyMatch(line -> line.startsWith("GET /v2/library/base/blobs/"));
      assertThat(
              fixture.registry.blob("app", base.layers().getFirst().blob().orElseThrow().digest()))
          .isPresent();
    }
  }

  private ImmutableRef lazyLayer(String origin) {
    byte[] bytes = "layer".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Descriptor blob = fixture.registry.addBlob("library/base", MediaType.OCI_LAYER, bytes);
    DiffId diffId = new DiffId(blob.digest());
    return fixture.refs.ofLayers(
        List.of(
            new LayerSource(
                blob, diffId, Optional.of(new LayerOrigin("registry", origin)), "base")),
        RefDescription.regular("base"));
  }

  private void exportAndPush(ImmutableRef ref, String name) {
    exporter
        .prepare("image", 0, Map.of("name", name, "push", "true"))
        .export(
            new Exporter.Input(Optional.of(ref), new LinkedHashMap<>(), Map.of()),
            fixture.context(),
            new Exporter.ExportSession("client", "build", Optional.empty()))
        .afterwards()
        .orElseThrow()
        .run(fixture.context());
  }

  @Test
  void dockersTypesAreTheDefaultOfOlderReleases() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Exporter.Exported exported =
          exporter
              .prepare("image", 0, Map.of())
              .export(
                  new Exporter.Input(golden.single(), golden.refs, golden.metadata),
                  fixture.context(),
                  new Exporter.ExportSession(
                      "client", "build", Optional.empty(), CompatibilityVersion.V0_15));

      assertThat(
              new String(
                  java.util.Base64.getDecoder()
                      .decode(exported.response().get("containerimage.descriptor")),
                  java.nio.charset.StandardCharsets.UTF_8))
          .contains("application/vnd.docker.distribution.manifest.v2+json");
    }
  }

  @Test
  void zstdDidNotExistAtFirst() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Exporter.ExportSession old =
          new Exporter.ExportSession(
              "client", "build", Optional.empty(), CompatibilityVersion.V0_13);
      Exporter.Export export = exporter.prepare("image", 0, Map.of("compression", "zstd"));

      assertThatThrownBy(
              () ->
                  export.export(
                      new Exporter.Input(golden.single(), golden.refs, golden.metadata),
                      fixture.context(),
                      old))
          .isInstanceOf(Unsupported.class)
          .hasMessage(
              "unsupported compatibility-version 10 feature image exporter compression=zstd");
    }
  }

  @Test
  void versionsThatNeverWereAreRefused() {
    assertThat(CompatibilityVersion.of(0)).isEqualTo(CompatibilityVersion.V0_31);
    assertThat(CompatibilityVersion.of(20)).isEqualTo(CompatibilityVersion.V0_15);
    assertThatThrownBy(() -> CompatibilityVersion.of(15))
        .hasMessage("unsupported compatibility-version 15 (supported: [10, 20, 30])");
    assertThatThrownBy(() -> CompatibilityVersion.of(40))
        .hasMessage("unsupported compatibility-version 40: upgrade buildkit (max supported: 30)");
  }

  @Test
  void pushByDigestLeavesTagsAlone() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Map<String, String> attributes =
          Map.of(
              "name", fixture.registry.host() + "/app", "push", "true", "push-by-digest", "true");
      export(golden, attributes).afterwards().orElseThrow().run(fixture.context());

      assertThat(fixture.registry.manifest("app", golden.expected("containerimage.digest")))
          .isPresent();
      assertThat(fixture.registry.manifest("app", "latest")).isEmpty();
      assertThatThrownBy(
              () ->
                  export(
                      golden,
                      Map.of(
                          "name",
                          fixture.registry.host() + "/app:v1",
                          "push",
                          "true",
                          "push-by-digest",
                          "true")))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("can't push tagged ref");
    }
  }

  @Test
  void aRefusedPushSaysWhatTheRegistrySaid() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Exporter.Exported exported =
          export(golden, Map.of("name", fixture.registry.host() + "/app", "push", "true"));
      fixture.registry.next(
          new Fault.Status(
              "POST",
              403,
              Map.of(),
              "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"requested access is denied\"}]}"));
      fixture.registry.next(
          new Fault.Status(
              "POST", 403, Map.of(), "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\"}]}"));

      assertThatThrownBy(() -> exported.afterwards().orElseThrow().run(fixture.context()))
          .isInstanceOf(Denied.class)
          .hasMessageStartingWith(
              "failed to push " + fixture.registry.host() + "/app: push access denied");
    }
  }

  @Test
  void withoutPushNothingIsLeftToDo() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Exporter.Exported exported =
          export(
              golden,
              Map.of(
                  "name",
                  "app",
                  "dangling-name-prefix",
                  "moby-dangling",
                  "unpack",
                  "true",
                  "store",
                  "true"));

      assertThat(exported.afterwards()).isEmpty();
      assertThat(exported.response())
          .containsEntry(
              "image.name", "app,moby-dangling@" + golden.expected("containerimage.digest"))
          .containsEntry(
              "containerimage.config.digest", golden.expected("containerimage.config.digest"));
    }
  }

  @Test
  void inlineCacheRecordsTravelInTheConfig() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Exporter.ExportSession session =
          new Exporter.ExportSession(
              "client",
              "build",
              Optional.of(
                  (_, _) -> Optional.of("[1]".getBytes(java.nio.charset.StandardCharsets.UTF_8))));

      Exporter.Exported exported =
          exporter
              .prepare("image", 0, golden.attributes())
              .export(
                  new Exporter.Input(golden.single(), golden.refs, golden.metadata),
                  fixture.context(),
                  session);

      dev.slipway.oci.Digest config =
          dev.slipway.oci.Digest.parse(exported.response().get("containerimage.config.digest"));
      assertThat(
              new String(
                  new dev.slipway.image.Documents(fixture.content).find(config).orElseThrow(),
                  java.nio.charset.StandardCharsets.UTF_8))
          .contains("\"moby.buildkit.cache.v0\":\"WzFd\"");
    }
  }

  private Exporter.Exported export(GoldenResult golden, Map<String, String> more) {
    Map<String, String> attributes = new HashMap<>(golden.attributes());
    attributes.remove("tar");
    attributes.putAll(more);
    return exporter
        .prepare("image", 0, attributes)
        .export(
            new Exporter.Input(golden.single(), golden.refs, golden.metadata),
            fixture.context(),
            new Exporter.ExportSession("client", "build", Optional.empty()));
  }
}
