package dev.slipway.exporter.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.attestation.Attestation;
import dev.slipway.exporter.Exporter;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.testing.GoldenImages;
import dev.slipway.image.testing.GoldenResult;
import dev.slipway.image.testing.PullFixture;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Index;
import dev.slipway.oci.json.OciJson;
import dev.slipway.registry.CredentialSource;
import dev.slipway.source.image.RegistryLayerFetcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images with something stated about them, in the layout that BuildKit v0.32.2 writes.
class AttestedImageTest {
  private static final String PLATFORM = "linux/amd64";

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
  void statementsStandBesideTheImageAsAnArtifact() throws IOException {
    Index index = push(Map.of(), false);

    Descriptor image = index.manifests().getFirst();
    Descriptor stated = index.manifests().getLast();
    assertThat(index.manifests()).hasSize(2);
    assertThat(stated.platform().orElseThrow().format()).isEqualTo("unknown/unknown");
    assertThat(stated.annotations())
        .containsEntry("vnd.docker.reference.type", "attestation-manifest")
        .containsEntry("vnd.docker.reference.digest", image.digest().toString());
    String statement = onlyLayer(stated);
    assertThat(manifest(stated))
        .isEqualTo(
            """
            {
              "schemaVersion": 2,
              "mediaType": "application/vnd.oci.image.manifest.v1+json",
              "artifactType": "application/vnd.docker.attestation.manifest.v1+json",
              "config": {
                "mediaType": "application/vnd.oci.empty.v1+json",
                "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
                "size": 2,
                "data": "e30="
              },
              "layers": [
                {
                  "mediaType": "application/vnd.in-toto+json",
                  "digest": "%s",
                  "size": %d,
                  "annotations": {
                    "in-toto.io/predicate-type": "https://example.com/claim"
                  }
                }
              ],
              "subject": {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": "%s",
                "size": %d
              }
            }"""
                .formatted(
                    dev.slipway.oci.Digest.ofText(statement),
                    statement.length(),
                    image.digest(),
                    image.bytes()));
    assertThat(statement)
        .contains("\"digest\":{\"sha256\":\"" + image.digest().hex() + "\"}")
        .endsWith("\"predicate\":{\"claim\":true}}");
  }

  @Test
  void statementsLookLikeAnImageWhereArtifactsAreNotWanted() throws IOException {
    Index index = push(Map.of("oci-artifact", "false"), false);

    Descriptor stated = index.manifests().getLast();
    String config = text(OciJson.manifest(bytes(stated)).config());
    assertThat(manifest(stated)).doesNotContain("artifactType").doesNotContain("subject\"");
    assertThat(config)
        .isEqualTo(
            "{\"architecture\":\"unknown\",\"os\":\"unknown\",\"config\":{},\"rootfs\":"
                + "{\"type\":\"layers\",\"diff_ids\":[\""
                + dev.slipway.oci.Digest.ofText(onlyLayer(stated))
                + "\"]}}");
  }

  @Test
  void statementsForStoredImagesOnlyAreNoReasonForAnIndexWhereTheyAreNotInline()
      throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Exporter.Exported exported = export(golden, Map.of("attestation-inline", "false"), true);

      assertThat(exported.response()).containsKey("containerimage.config.digest");
    }
  }

  @Test
  void dockersTypesHaveNoPlaceForStatements() throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      assertThatThrownBy(() -> export(golden, Map.of("oci-mediatypes", "false"), false))
          .isInstanceOf(InvalidRequest.class)
          .hasMessage("cannot export attestations with \"oci-mediatypes=false\"");
    }
  }

  @Test
  void aBillOfMaterialsLearnsFromWhichLayerEachFileIs() throws IOException {
    String bill =
        "{\"spdxVersion\":\"SPDX-2.3\",\"name\":\"x\",\"creationInfo\":{\"creators\":[\"Tool: scan-1\"]},"
            + "\"files\":[{\"fileName\":\"./file.txt\"},{\"fileName\":\"/none\"},"
            + "{\"fileName\":\"/file.txt\",\"comment\":\"kept\"}],"
            + "\"packages\":[{\"name\":\"p\",\"files\":[{\"fileName\":\"file.txt\"}]}]}";
    Attestation stated = stated("sbom.spdx.json", bill).asCoreBill();

    Index index = push(stated);

    Digest layer =
        OciJson.manifest(bytes(index.manifests().getFirst())).layers().getFirst().digest();
    assertThat(onlyLayer(index.manifests().getLast()))
        .endsWith(
            "\"predicate\":{\"spdxVersion\":\"SPDX-2.3\",\"name\":\"x\","
                + "\"creationInfo\":{\"creators\":[\"Tool: scan-1\",\"Tool: slipway\"]},"
                + "\"files\":[{\"fileName\":\"./file.txt\",\"comment\":\"layerID: %1$s\"},{\"fileName\":\"/none\"},"
                    .formatted(layer)
                + "{\"fileName\":\"/file.txt\",\"comment\":\"kept\"}],"
                + "\"packages\":[{\"name\":\"p\",\"files\":[{\"fileName\":\"file.txt\",\"comment\":\"layerID: %s\"}]}]}}"
                    .formatted(layer));
  }

  @Test
  void whatIsNoBillOfTheImageItselfStaysAsItIs() throws IOException {
    String bill = "{\"spdxVersion\":\"SPDX-2.3\",\"files\":[{\"fileName\":\"/file.txt\"}]}";

    Index another = push(stated("extra.spdx.json", bill));
    Index unknown = push(stated("sbom.spdx.json", "{\"spdxVersion\":\"SPDX-9\"}").asCoreBill());

    assertThat(onlyLayer(another.manifests().getLast())).endsWith("\"predicate\":" + bill + "}");
    assertThat(onlyLayer(unknown.manifests().getLast()))
        .endsWith("\"predicate\":{\"spdxVersion\":\"SPDX-9\"}}");
  }

  private static Attestation stated(String path, String predicate) {
    return new Attestation(
        path,
        "https://spdx.dev/Document",
        false,
        () -> predicate.getBytes(StandardCharsets.UTF_8),
        List.of());
  }

  private Index push(Attestation attestation) throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Map<String, String> attributes =
          Map.of("name", fixture.registry.host() + "/app:v1", "push", "true");
      export(golden, attributes, attestation).afterwards().orElseThrow().run(fixture.context());
      return OciJson.index(fixture.registry.manifest("app", "v1").orElseThrow());
    }
  }

  private Index push(Map<String, String> more, boolean inlineOnly) throws IOException {
    try (GoldenResult golden = GoldenResult.of("scratch-copy", fixture)) {
      Map<String, String> attributes = new HashMap<>(more);
      attributes.put("name", fixture.registry.host() + "/app:v1");
      attributes.put("push", "true");
      export(golden, attributes, inlineOnly).afterwards().orElseThrow().run(fixture.context());
      return OciJson.index(fixture.registry.manifest("app", "v1").orElseThrow());
    }
  }

  private Exporter.Exported export(
      GoldenResult golden, Map<String, String> attributes, boolean inlineOnly) {
    Attestation attestation =
        new Attestation(
            "claim.json",
            "https://example.com/claim",
            inlineOnly,
            () -> "{ \"claim\": true }".getBytes(StandardCharsets.UTF_8),
            List.of());
    return export(golden, attributes, attestation);
  }

  private Exporter.Exported export(
      GoldenResult golden, Map<String, String> attributes, Attestation attestation) {
    return exporter
        .prepare("image", 0, attributes)
        .export(
            new Exporter.Input(
                golden.single(),
                golden.refs,
                golden.metadata,
                Map.of(PLATFORM, List.of(attestation))),
            fixture.context(),
            new Exporter.ExportSession("client", "build", Optional.empty()));
  }

  private byte[] bytes(Descriptor manifest) {
    return fixture.registry.manifest("app", manifest.digest().toString()).orElseThrow();
  }

  private String manifest(Descriptor descriptor) {
    return new String(bytes(descriptor), StandardCharsets.UTF_8);
  }

  private String onlyLayer(Descriptor stated) {
    return text(OciJson.manifest(bytes(stated)).layers().getFirst());
  }

  private String text(Descriptor blob) {
    return new String(
        fixture.registry.blob("app", blob.digest()).orElseThrow(), StandardCharsets.UTF_8);
  }
}
