package dev.slipway.exporter.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.BlobReader;
import dev.slipway.exporter.Exporter;
import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.testing.GoldenResult;
import dev.slipway.image.testing.PullFixture;
import dev.slipway.oci.Descriptor;
import dev.slipway.registry.CredentialSource;
import dev.slipway.source.image.RegistryLayerFetcher;
import dev.slipway.task.Clock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ArchiveExporterTest {
  private final CollectingSink sink = new CollectingSink();

  @TempDir Path folder;
  private PullFixture fixture;
  private ArchiveExporter exporter;

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
    exporter =
        new ArchiveExporter(
            fixture.refs, fixture.content, fixture.converter(), sink, Clock.system());
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @TestFactory
  Stream<DynamicTest> imagesComeOutAsBuildkitMakesThem() {
    return Stream.of(
            "scratch-copy",
            "scratch-many",
            "gold-run",
            "gold-workdir",
            "multi-stage",
            "heredoc-args",
            "docker-mediatypes",
            "multi-platform-plain")
        .map(name -> DynamicTest.dynamicTest(name, () -> exportsLikeRecorded(name)));
  }

  private void exportsLikeRecorded(String name) throws IOException {
    try (GoldenResult golden = GoldenResult.of(name, fixture)) {
      Exporter.Exported exported = export("oci", golden, golden.attributes());

      assertThat(exported.response().getOrDefault("containerimage.config.digest", ""))
          .isEqualTo(golden.expected("containerimage.config.digest"));
      assertThat(exported.response().get("containerimage.digest"))
          .isEqualTo(golden.expected("containerimage.digest"));
      assertThat(exported.response().get("containerimage.descriptor"))
          .isEqualTo(golden.expected("containerimage.descriptor"));
      assertThat(sink.blobs.getLast().digest())
          .hasToString(golden.expected("containerimage.digest"));
    }
    assertThat(fixture.refs.openHolds()).isZero();
  }

  @Test
  void itemsAreNamedAsBuildkitNamesThem() throws IOException {
    try (GoldenResult golden = GoldenResult.of("multi-platform-plain", fixture)) {
      export("oci", golden, golden.attributes());

      assertThat(fixture.items())
          .contains("exporting layers")
          .contains("exporting manifest list " + golden.expected("containerimage.digest"))
          .contains(
              "rewriting layers with source-date-epoch 1700000000 (2023-11-14 22:13:20 +0000 UTC)");
    }
  }

  @Test
  void theDockerArchiveCanBeLoaded() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Map<String, String> attributes = new LinkedHashMap<>(golden.attributes());
      attributes.put("tar", "true");
      attributes.put("name", "example.com/app,app:v2");

      Exporter.Exported exported = export("docker", golden, attributes);

      Map<String, byte[]> files = untar(sink.archive.toByteArray());
      assertThat(files.keySet())
          .startsWith("blobs/", "blobs/sha256/")
          .endsWith("index.json", "manifest.json", "oci-layout");
      assertThat(text(files, "manifest.json"))
          .contains("\"RepoTags\":[\"example.com/app:latest\",\"app:v2\"]")
          .contains(
              "\"Config\":\"blobs/sha256/"
                  + golden.expected("containerimage.config.digest").substring(7)
                  + "\"");
      assertThat(text(files, "index.json"))
          .contains(
              "\"io.containerd.image.name\":\"docker.io/library/app:v2\",\"org.opencontainers.image.created\":\"2023-11-14T22:13:20Z\"")
          .contains("\"org.opencontainers.image.ref.name\":\"v2\"");
      assertThat(exported.response())
          .containsEntry("image.name", "example.com/app:latest,docker.io/library/app:v2");
      assertThat(sink.metadata).containsKey("containerimage.digest");
    }
  }

  @Test
  void anOciArchiveHoldsEveryPlatformAndNoDockerManifest() throws IOException {
    try (GoldenResult golden = GoldenResult.of("multi-platform-plain", fixture)) {
      Map<String, String> attributes = new LinkedHashMap<>(golden.attributes());
      attributes.remove("tar");

      export("oci", golden, attributes);

      Map<String, byte[]> files = untar(sink.archive.toByteArray());
      assertThat(files).doesNotContainKey("manifest.json");
      golden
          .recorded
          .get("documents")
          .properties()
          .forEach(
              each ->
                  assertThat(text(files, "blobs/sha256/" + each.getKey().substring(7)))
                      .isEqualTo(each.getValue().asString()));
    }
  }

  @Test
  void aClientThatHasTheImageAlreadyIsContent() throws IOException {
    sink.refusal = Optional.of(new AlreadyExists("there"));
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Map<String, String> attributes = new LinkedHashMap<>(golden.attributes());
      attributes.remove("tar");

      assertThat(export("docker", golden, attributes).response())
          .containsKey("containerimage.digest");
    }
  }

  @Test
  void dockerRefusesAList() throws IOException {
    try (GoldenResult golden = GoldenResult.of("multi-platform-plain", fixture)) {
      assertThatThrownBy(() -> export("docker", golden, Map.of()))
          .isInstanceOf(InvalidRequest.class)
          .hasMessage("docker exporter does not currently support exporting manifest lists");
    }
  }

  @Test
  void aResultOfSeveralPlatformsNeedsItsMapping() throws IOException {
    try (GoldenResult golden = GoldenResult.of("multi-platform-plain", fixture)) {
      golden.metadata.remove("refs.platforms");

      assertThatThrownBy(() -> export("oci", golden, Map.of()))
          .isInstanceOf(InvalidRequest.class)
          .hasMessage("unable to export multiple refs, missing platforms mapping");
    }
  }

  @Test
  void badAttributesAreRefusedBeforeAnythingIsDone() {
    assertThatThrownBy(() -> exporter.prepare("oci", 0, Map.of("tar", "maybe")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(
            "non-bool value specified for tar: strconv.ParseBool: parsing \"maybe\": invalid"
                + " syntax");
    assertThatThrownBy(
            () ->
                exporter.prepare(
                    "oci", 0, Map.of("compression", "estargz", "oci-mediatypes", "false")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(
            "exporter option \"compression=estargz\" conflicts with \"oci-mediatypes=false\"");
    assertThatThrownBy(() -> exporter.prepare("oci", 0, Map.of("annotation-bogus.a", "b")))
        .isInstanceOf(InvalidRequest.class);
  }

  @Test
  void anEmptyResultIsAnImageWithoutLayers() throws IOException {
    Exporter.Input nothing = new Exporter.Input(Optional.empty(), new LinkedHashMap<>(), Map.of());

    Exporter.Exported exported =
        exporter
            .prepare("oci", 0, Map.of("source-date-epoch", "0"))
            .export(nothing, fixture.context(), session());

    assertThat(
            text(
                untar(sink.archive.toByteArray()),
                "blobs/sha256/"
                    + exported.response().get("containerimage.config.digest").substring(7)))
        .contains("\"history\":null")
        .contains("\"rootfs\":{\"type\":\"layers\",\"diff_ids\":null}");
  }

  private Exporter.Exported export(
      String type, GoldenResult golden, Map<String, String> attributes) {
    return exporter
        .prepare(type, 3, attributes)
        .export(
            new Exporter.Input(golden.single(), golden.refs, golden.metadata),
            fixture.context(),
            session());
  }

  private static Exporter.ExportSession session() {
    return new Exporter.ExportSession("client", "build", Optional.empty());
  }

  private static String text(Map<String, byte[]> files, String name) {
    return new String(files.getOrDefault(name, new byte[0]), StandardCharsets.UTF_8);
  }

  private static Map<String, byte[]> untar(byte[] archive) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        files.put(entry.getName(), in.readAllBytes());
      }
    }
    return files;
  }

  private static final class CollectingSink implements ClientSink {
    private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
    private Map<String, String> metadata = Map.of();
    private List<Descriptor> blobs = List.of();
    private Optional<AlreadyExists> refusal = Optional.empty();

    @Override
    public ClientArchive openArchive(String sessionId, int exporter, Map<String, String> told) {
      assertThat(exporter).isIn(0, 3);
      metadata = told;
      return new ClientArchive() {
        @Override
        public OutputStream bytes() {
          return archive;
        }

        @Override
        public void finish() {
          refusal.ifPresent(
              failure -> {
                throw failure;
              });
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void copyBlobs(String sessionId, List<Descriptor> children, BlobReader from) {
      blobs = children;
      children.forEach(each -> assertThat(from.find(each.digest())).isPresent());
    }
  }
}
