package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Bills of materials by a scanner image of our own, which lists every regular file.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BillOfMaterialsIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String SCANNER =
      """
      FROM busybox
      COPY <<-"EOF" /scan
      	#!/bin/sh -e
      	bill() {
      		{
      			printf '{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://spdx.dev/Document",'
      			printf '"predicate":{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"%s","files":[' "$BUILDKIT_SCAN_TITLE"
      			comma=
      			for file in $(cd $1 && find . -type f | sort); do
      				printf '%s{"SPDXID":"SPDXRef-%s","fileName":"%s"}' "$comma" "$(basename $file)" "${file#.}"
      				comma=,
      			done
      			printf ']}}'
      		} > $BUILDKIT_SCAN_DESTINATION/$(basename $1).spdx.json
      	}
      	touch /tmp/can-be-written
      	! touch $BUILDKIT_SCAN_SOURCE/cannot-be-written 2>/dev/null
      	bill $BUILDKIT_SCAN_SOURCE
      	for extra in ${BUILDKIT_SCAN_SOURCE_EXTRAS:+$BUILDKIT_SCAN_SOURCE_EXTRAS/*}; do
      		bill $extra
      	done
      EOF
      CMD ["sh", "/scan"]
      """;
  private static final String DOCKERFILE =
      """
      ARG BUILDKIT_SBOM_SCAN_CONTEXT=true
      FROM scratch AS made
      ARG BUILDKIT_SBOM_SCAN_STAGE=true
      COPY made /made
      FROM scratch
      COPY --from=made /made /first
      COPY made /second
      """;

  private BuildSite site;
  private String scanner;
  private Path context;

  @BeforeAll
  void open(@TempDir Path folder) {
    site = BuildSite.open(folder);
    scanner = site.reference("it/scanner:1");
    Path source = site.context("scanner", Map.of("Dockerfile", SCANNER));
    site.buildxBuild().succeed("-t", scanner, "--push", source.toString());
    context = site.context("scanned", Map.of("Dockerfile", DOCKERFILE, "made", "made\n"));
  }

  @AfterAll
  void close() {
    site.close();
  }

  @Test
  void everyPlatformOfAnImageHasItsBillsBesideIt() {
    String image = site.reference("it/billed:1");

    site.slipway()
        .succeed(
            "build",
            "--sbom",
            "generator=" + scanner + ",\"TITLE=a, b\"",
            "--platform",
            "linux/amd64,linux/arm64",
            "-t",
            image,
            "--push",
            context.toString());

    JsonNode manifests = manifest(image).path("manifests");
    assertThat(manifests)
        .extracting(each -> each.at("/platform/architecture").asString())
        .containsExactly("amd64", "arm64", "unknown", "unknown");
    for (int i = 0; i < 2; i++) {
      JsonNode stated = manifests.get(i + 2);
      String about = manifests.get(i).path("digest").asString();
      assertThat(stated.at("/annotations/vnd.docker.reference.digest").asString()).isEqualTo(about);
      JsonNode layers = manifest(image, stated).path("layers");
      assertThat(layers).hasSize(3);
      JsonNode bill = statement(image, layers.get(0));
      assertThat(bill.at("/predicate/name").asString()).isEqualTo("a, b");
      assertThat(bill.at("/subject/0/digest/sha256").asString())
          .isEqualTo(about.substring("sha256:".length()));
      assertThat(bill.at("/predicate/creationInfo/creators/0").asString())
          .isEqualTo("Tool: slipway");
      List<String> files = List.of("/first", "/second");
      JsonNode own = manifest(image, manifests.get(i)).path("layers");
      for (int file = 0; file < 2; file++) {
        JsonNode listed = bill.at("/predicate/files/" + file);
        assertThat(listed.path("fileName").asString()).isEqualTo(files.get(file));
        assertThat(listed.path("comment").asString())
            .isEqualTo("layerID: " + own.get(file).path("digest").asString());
      }
      // The context, then the stage: bills about other trees come after that of the result.
      assertThat(names(statement(image, layers.get(1)))).contains("/made");
      assertThat(names(statement(image, layers.get(2)))).containsExactly("/made");
    }
  }

  /// Who knows nothing of BuildKit finds statements as artifacts about an image, and copies them
  /// with it.
  @Test
  void orasFindsStatementsThatAreArtifactsAboutAnImage() {
    String image = site.reference("it/billed:artifact");
    String layout = site.path("by-oras").toString();
    Tool oras = site.tool("oras");

    site.slipway()
        .succeed(
            "build",
            "--sbom",
            "generator=" + scanner,
            "--provenance",
            "mode=max",
            "-o",
            "type=image,oci-artifact=true,push=true,name=" + image,
            context.toString());
    oras.with("cp", "--recursive", "--no-tty", "--from-plain-http")
        .succeed(image, "--to-oci-layout", layout + ":copied");

    JsonNode index = manifest(image);
    assertThat(read(oras.with("manifest", "fetch", "--oci-layout", layout + ":copied")))
        .isEqualTo(index);
    String about = index.at("/manifests/0/digest").asString();
    JsonNode found =
        read(oras.with("discover", "--oci-layout", "--format", "json", layout + "@" + about));
    assertThat(found.path("referrers"))
        .extracting(each -> each.path("digest").asString())
        .containsExactly(index.at("/manifests/1/digest").asString());
    assertThat(found.at("/referrers/0/artifactType").asString())
        .isEqualTo("application/vnd.docker.attestation.manifest.v1+json");
  }

  @Test
  void buildxAndBuildctlAskForThemTheirWay() {
    String image = site.reference("it/billed:2");
    Path out = site.path("bills");

    site.buildxBuild()
        .succeed(
            "--attest",
            "type=sbom,generator=" + scanner,
            "-t",
            image,
            "--push",
            context.toString());
    site.buildctl()
        .succeed(
            "build",
            "--frontend",
            "dockerfile.v0",
            "--local",
            "context=" + context,
            "--local",
            "dockerfile=" + context,
            "--opt",
            "attest:sbom=generator=" + scanner,
            "--output",
            "type=local,dest=" + out);

    assertThat(manifest(image).path("manifests")).hasSize(2);
    JsonNode bill = read(out.resolve("sbom.spdx.json"));
    assertThat(names(bill)).containsExactly("/first", "/second");
    assertThat(bill.path("subject"))
        .extracting(subject -> subject.path("name").asString())
        .containsExactly("first", "second");
    assertThat(out.resolve("sbom-context.spdx.json")).exists();
    assertThat(out.resolve("sbom-made.spdx.json")).exists();
  }

  @Test
  void whatComesWithoutABillIsScannedAllTheSame() throws IOException {
    String image = site.reference("it/billed:3");
    Path definition = site.path("definition.llb");
    Files.write(
        definition,
        Llb.run("docker.io/library/busybox:latest", "echo x > /own-file").toByteArray());

    site.tool("sh")
        .succeed(
            "-c",
            "exec \"$0\" --addr \"$1\" build --opt attest:sbom=generator=\"$2\" --output"
                + " type=image,push=true,name=\"$3\" < \"$4\"",
            site.distribution.program("buildctl").toString(),
            site.daemon.address(),
            scanner,
            image,
            definition.toString());

    JsonNode manifests = manifest(image).path("manifests");
    assertThat(manifests).hasSize(2);
    JsonNode layers = manifest(image, manifests.get(1)).path("layers");
    assertThat(names(statement(image, layers.get(0)))).contains("/own-file");
  }

  /// It is about the build, as bills are about its result.
  @Test
  void provenanceIsNamedAsAskedForAndStaysAwayFromFilesWhereItIsForImages() {
    Path shown = site.path("shown");
    Path kept = site.path("kept");

    provenance("filename=own.json,reproducible=true", "type=local,dest=" + shown).succeed();
    provenance("filename=own.json,inline-only=true", "type=local,dest=" + kept).succeed();

    assertThat(read(shown.resolve("own.json")).at("/predicateType").asString())
        .isEqualTo("https://slsa.dev/provenance/v1");
    assertThat(kept.resolve("second")).exists();
    assertThat(kept.resolve("own.json")).doesNotExist();
  }

  @Test
  void provenanceThatCannotBeCompleteFailsTheBuildWhereItMustBe() {
    Tool.Outcome outcome =
        provenance("complete-materials=true", "type=tar,dest=" + site.path("incomplete.tar")).run();

    assertThat(outcome.exit()).isNotZero();
    assertThat(outcome.err())
        .contains("provenance materials are incomplete")
        .contains("Uncaptured local sources");
  }

  private Tool provenance(String fields, String output) {
    return site.buildctl()
        .with("build", "--frontend", "dockerfile.v0", "--opt", "attest:provenance=" + fields)
        .with("--local", "context=" + context, "--local", "dockerfile=" + context)
        .with("--output", output);
  }

  @Test
  void aMissingScannerFailsTheBuildByName() {
    Tool.Outcome outcome =
        site.slipway()
            .run(
                "build",
                "--sbom",
                "generator=" + site.reference("it/no-such-scanner:1"),
                "-o",
                site.path("unscanned").toString(),
                context.toString());

    assertThat(outcome.exit()).isNotZero();
    assertThat(outcome.err()).contains("it/no-such-scanner:1: not found");
  }

  private static List<String> names(JsonNode bill) {
    return bill.at("/predicate/files")
        .valueStream()
        .map(file -> file.path("fileName").asString())
        .toList();
  }

  private JsonNode manifest(String image) {
    return read(site.crane().with("manifest", image));
  }

  private static JsonNode read(Tool tool) {
    return JSON.readTree(tool.succeed().out());
  }

  private JsonNode manifest(String image, JsonNode descriptor) {
    return manifest(repository(image) + "@" + descriptor.path("digest").asString());
  }

  private JsonNode statement(String image, JsonNode layer) {
    assertThat(layer.path("mediaType").asString()).isEqualTo("application/vnd.in-toto+json");
    assertThat(layer.at("/annotations/in-toto.io~1predicate-type").asString())
        .isEqualTo("https://spdx.dev/Document");
    return JSON.readTree(
        site.crane()
            .succeed("blob", repository(image) + "@" + layer.path("digest").asString())
            .out());
  }

  private static String repository(String image) {
    return image.substring(0, image.lastIndexOf(':'));
  }

  private static JsonNode read(Path file) {
    return JSON.readTree(file.toFile());
  }
}
