package dev.slipway.exporter.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.exporter.Exporter;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.testing.GoldenImages;
import dev.slipway.image.testing.GoldenResult;
import dev.slipway.image.testing.PullFixture;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.testing.InProcessRegistry.Fault;
import dev.slipway.source.image.RegistryLayerFetcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
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
            fixture.refs, fixture.content, fixture.client, _ -> CredentialSource.none());
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
      assertThat(fixture.registry.requests()).noneMatch(line -> line.startsWith("PUT"));

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
