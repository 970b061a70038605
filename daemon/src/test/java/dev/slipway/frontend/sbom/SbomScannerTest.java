package dev.slipway.frontend.sbom;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.frontend.gateway.DrivenBuild;
import dev.slipway.llb.Constraints;
import dev.slipway.llb.Definition;
import dev.slipway.llb.FileChange;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicy;
import dev.slipway.llb.State;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The digests are those of BuildKit v0.32.2's `sbom.CreateSBOMScanner`, recorded.
class SbomScannerTest {
  private static final byte[] CONFIG =
      "{\"config\":{\"Env\":[\"PATH=/bin\",\"A=1\"],\"Entrypoint\":[\"/scan\"],\"Cmd\":[\"-q\"],\"WorkingDir\":\"/work\"}}"
          .getBytes(StandardCharsets.UTF_8);

  private final Solving bridge = new Solving();

  private static Definition file(String name) {
    return State.scratch()
        .file(
            List.of(
                new FileChange.Mkfile(
                    "/" + name,
                    0644,
                    ByteString.copyFromUtf8(name),
                    Optional.empty(),
                    OptionalLong.empty())),
            Constraints.NONE)
        .define(Constraints.NONE);
  }

  private Definition scan(Definition core, SortedMap<String, Definition> extras) {
    SbomRequest request =
        SbomRequest.of(Map.of("generator", "docker.io/test/scanner:latest", "ARG2", "x"));
    SbomScanner.find(request, Platform.LINUX_AMD64, "default", bridge)
        .scan("linux/amd64", core, extras, false, bridge);
    return bridge.solved.getLast();
  }

  @Test
  void theStepIsTheReferences() {
    Definition scan = scan(file("a"), new TreeMap<>());

    assertThat(scan.vertices().sequencedKeySet())
        .extracting(Digest::toString)
        .containsExactly(
            "sha256:4314a9334085b775577ed23e35dbd91df8c01a9e64cc36f9c116540e5e4a3cee",
            "sha256:731bfba4568de992a688a1ff1c0fddbfb8791b2dea3f98648272bef36607c3d4",
            "sha256:3fd9bd2ceb2433b966fd94a6ba0fb635ba4f24b412b3bd27cdb850a97bf2d15d");
    assertThat(scan.head().orElseThrow().index()).isEqualTo(1);
    assertThat(scan.caps())
        .containsExactly(
            "constraints",
            "exec.meta.base",
            "exec.mount.bind",
            "exec.mount.tmpfs",
            "file.base",
            "meta.description",
            "platform",
            "source.image");
  }

  @Test
  void aTreeThatIsScannedTwiceIsOneInput() {
    Definition core = file("a");

    Definition scan = scan(core, new TreeMap<>(Map.of("same", core, "other", file("b"))));

    assertThat(scan.requireVertex(scan.head().orElseThrow().vertex()).inputs()).hasSize(3);
    assertThat(scan.vertices()).hasSize(4);
  }

  @Test
  void scratchIsScannedAsAnEmptyTree() {
    Definition scan = scan(Definition.SCRATCH, new TreeMap<>());

    assertThat(scan.requireVertex(scan.head().orElseThrow().vertex()).inputs()).hasSize(1);
  }

  /// Knows one image; remembers what it is to solve.
  private static final class Solving implements FrontendBridge {
    private final List<Definition> solved = new ArrayList<>();

    @Override
    public Optional<FrontendRef> solve(Definition definition, List<SourcePolicy> policies) {
      solved.add(definition);
      return Optional.empty();
    }

    @Override
    public ResolvedImage resolveImage(
        String reference, ImageQuery query, List<SourcePolicy> policies) {
      return new ResolvedImage(reference, Digest.ofBytes(CONFIG), CONFIG);
    }

    @Override
    public Optional<FrontendRef> solveNow(Definition definition) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FrontendResult solve(String frontend, Frontend.Request request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ResolvedSource resolveSource(SourceOp source, SourceQuery query) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void warn(
        Digest vertex,
        int level,
        String summary,
        List<String> detail,
        String url,
        Optional<WarnedSource> source) {
      throw new UnsupportedOperationException();
    }

    @Override
    public BuildOptions buildOptions() {
      throw new UnsupportedOperationException();
    }

    @Override
    public DrivenBuild openDriven(Map<String, Definition> inputs) {
      throw new UnsupportedOperationException();
    }
  }
}
