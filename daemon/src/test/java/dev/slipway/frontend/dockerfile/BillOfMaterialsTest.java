package dev.slipway.frontend.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.FrontendResult.AttestationResult;
import dev.slipway.llb.Definition;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.Mount;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceOp;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a Dockerfile has scanned, and how the scanner is run.
class BillOfMaterialsTest {
  private static final String STAGES =
      """
      ARG BUILDKIT_SBOM_SCAN_CONTEXT=true

      FROM scratch AS tools
      ARG BUILDKIT_SBOM_SCAN_STAGE=true
      COPY a /a

      FROM scratch AS unused
      ARG BUILDKIT_SBOM_SCAN_STAGE=true
      COPY b /b

      FROM scratch AS quiet
      COPY --from=tools /a /a

      FROM quiet
      COPY c /c
      """;

  private final ScriptedBridge bridge = new ScriptedBridge();
  private final Map<String, String> options = new TreeMap<>();

  BillOfMaterialsTest() {
    bridge.withImage(
        "docker.io/test/scanner:latest",
        "{\"config\":{\"Env\":[\"PATH=/bin\",\"A=1\"],\"Entrypoint\":[\"/scan\"],\"Cmd\":[\"-q\"],\"WorkingDir\":\"/work\"}}"
            .getBytes(StandardCharsets.UTF_8));
    options.put("attest:sbom", "generator=test/scanner,ARG2=x");
  }

  private FrontendResult solve(String dockerfile) {
    bridge.withDockerfile(dockerfile);
    return new DockerfileFrontend(SyntaxImages.SERVED_HERE)
        .solve(new Frontend.Request(options, Map.of()), bridge);
  }

  private static Definition scan(FrontendResult result, String platform) {
    List<AttestationResult> stated = result.attestations().get(platform);
    assertThat(stated).hasSize(1);
    return stated.getFirst().ref().orElseThrow().definition();
  }

  private static ExecOp step(Definition scan) {
    return (ExecOp) head(scan).op();
  }

  private static OpVertex head(Definition scan) {
    return scan.requireVertex(scan.head().orElseThrow().vertex());
  }

  private static List<String> targets(ExecOp step) {
    return step.mounts().stream().map(Mount::destination).toList();
  }

  @Test
  void theScannerSeesTheResultAndLeavesABundle() {
    FrontendResult result = solve("FROM scratch\nCOPY a /a\n");

    Definition scan = scan(result, "linux/amd64");
    ExecOp step = step(scan);
    AttestationResult stated = result.attestations().get("linux/amd64").getFirst();
    assertThat(stated.kind()).isEqualTo(1);
    assertThat(stated.predicateType()).isEqualTo("https://spdx.dev/Document");
    assertThat(stated.metadata()).containsOnlyKeys("reason", "sbom-core");
    assertThat(step.meta().args()).containsExactly("/scan", "-q");
    assertThat(step.meta().cwd()).isEqualTo("/work");
    assertThat(step.meta().env())
        .containsExactly(
            "PATH=/bin",
            "A=1",
            "BUILDKIT_SCAN_DESTINATION=/run/out/",
            "BUILDKIT_SCAN_SOURCE=/run/src/core/sbom",
            "BUILDKIT_SCAN_ARG2=x");
    assertThat(targets(step)).containsExactly("/", "/run/out/", "/run/src/core/sbom", "/tmp");
    assertThat(step.mounts().get(1).input()).isEmpty();
    assertThat(step.mounts().get(1).output()).hasValue(scan.head().orElseThrow().index());
    assertThat(step.mounts().get(2).readonly()).isTrue();
    assertThat(head(scan).inputs().get(1))
        .isEqualTo(result.single().orElseThrow().definition().head().orElseThrow());
    assertThat(step.mounts().get(3)).isInstanceOf(Mount.Tmpfs.class);
    assertThat(head(scan).metadata().customName())
        .contains("[linux/amd64] generating sbom using docker.io/test/scanner:latest");
    assertThat(scan.requireVertex(head(scan).inputs().getFirst().vertex()).op())
        .isEqualTo(new SourceOp("docker-image://docker.io/test/scanner:latest", Map.of()));
  }

  @Test
  void stagesAndContextAreScannedWhereTheDockerfileSaysSo() {
    ExecOp step = step(scan(solve(STAGES), "linux/amd64"));

    assertThat(targets(step))
        .contains("/run/src/extras/sbom-context", "/run/src/extras/sbom-tools")
        .noneMatch(target -> target.contains("unused") || target.contains("quiet"));
    assertThat(step.meta().env()).contains("BUILDKIT_SCAN_SOURCE_EXTRAS=/run/src/extras");
  }

  @Test
  void theClientHasTheLastWordAboutWhatIsScanned() {
    options.put("build-arg:BUILDKIT_SBOM_SCAN_CONTEXT", "false");
    options.put("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "false");

    assertThat(targets(step(scan(solve(STAGES), "linux/amd64")))).hasSize(4);
  }

  @Test
  void aListNamesTheStagesToScan() {
    ExecOp step =
        step(
            scan(
                solve(
                    "ARG BUILDKIT_SBOM_SCAN_STAGE=b,c\n"
                        + "FROM scratch AS a\nCOPY a /a\n"
                        + "FROM scratch AS b\nCOPY b /b\n"
                        + "FROM scratch\nCOPY --from=a /a /\nCOPY --from=b /b /\n"),
                "linux/amd64"));

    assertThat(targets(step)).contains("/run/src/extras/sbom-b").hasSize(5);
  }

  @Test
  void everyPlatformIsScanned() {
    options.put("platform", "linux/amd64,linux/arm64");

    FrontendResult result = solve("FROM scratch\nCOPY a /a\n");

    assertThat(result.attestations()).containsOnlyKeys("linux/amd64", "linux/arm64");
    assertThat(head(scan(result, "linux/arm64")).platform().orElseThrow().format())
        .isEqualTo("linux/amd64");
  }

  @Test
  void aStageThatRunsAgainIsScannedAgain() {
    options.put("no-cache", "");

    assertThat(
            head(scan(solve("FROM scratch\nCOPY a /a\n"), "linux/amd64")).metadata().ignoreCache())
        .isTrue();
  }

  @Test
  void aScannerMustRunSomething() {
    bridge.withImage("docker.io/test/scanner:latest", "{}".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> solve("FROM scratch\n"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("scanner docker.io/test/scanner:latest does not have cmd");
  }

  @Test
  void theUsualScannerIsTheReferences() {
    options.put("attest:sbom", "");

    assertThatThrownBy(() -> solve("FROM scratch\n"))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("docker.io/docker/buildkit-syft-scanner:stable-1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "generator=; sbom generator cannot be empty",
        "generator=A B; failed to parse sbom generator A B: invalid reference format",
        "'\"generator=x'; failed to parse sbom: parse error on line 1"
      })
  void refusesAGeneratorThatIsNoImage(String value, String message) {
    options.put("attest:sbom", value);

    assertThatThrownBy(() -> solve("FROM scratch\n"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith(message);
  }
}
