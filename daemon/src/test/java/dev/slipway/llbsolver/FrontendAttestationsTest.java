package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.attestation.Attestation;
import dev.slipway.attestation.Subject;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.FrontendResult.AttestationResult;
import dev.slipway.fsutil.Stat;
import dev.slipway.llb.Definition;
import dev.slipway.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FrontendAttestationsTest {
  private static final String SPDX = "https://spdx.dev/Document";
  private static final Digest SUBJECT = Digest.ofText("subject");

  private final Map<String, byte[]> files = new TreeMap<>();

  private void file(String path, String text) {
    files.put(path, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String statement(String type, String predicate) {
    return "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\""
        + type
        + "\",\"subject\":[{\"name\":\"s\",\"digest\":{\"sha256\":\""
        + SUBJECT.hex()
        + "\"}}],\"predicate\":"
        + predicate
        + "}";
  }

  private List<Attestation> bundle(String directory) {
    SequencedMap<String, byte[]> metadata = new LinkedHashMap<>();
    metadata.put("sbom-core", "sbom".getBytes(StandardCharsets.UTF_8));
    SequencedMap<String, List<AttestationResult>> stated = new LinkedHashMap<>();
    stated.put(
        "linux/amd64",
        List.of(
            new AttestationResult(
                1, metadata, Optional.of(new Tree(files)), directory, SPDX, List.of())));
    return FrontendAttestations.of(
            FrontendResult.of(Optional.empty(), new LinkedHashMap<>()).with(stated))
        .get("linux/amd64");
  }

  private static String text(Attestation attestation) {
    return new String(attestation.predicate().get(), StandardCharsets.UTF_8);
  }

  @Test
  void aBundleIsTakenApartWithTheResultsOwnBillFirst() {
    file("/context.spdx.json", statement(SPDX, "{\"b\":1,\"a\":2}"));
    file("/sbom.spdx.json", statement(SPDX, "{\"core\":true}"));

    List<Attestation> all = bundle("");

    assertThat(all)
        .extracting(Attestation::path)
        .containsExactly("sbom.spdx.json", "context.spdx.json");
    assertThat(all).extracting(Attestation::coreBill).containsExactly(true, false);
    assertThat(text(all.getLast())).isEqualTo("{\"a\":2,\"b\":1}");
    assertThat(all.getFirst().subjects()).containsExactly(new Subject.Raw("s", List.of(SUBJECT)));
  }

  @Test
  void aBundleMayLieInADirectory() {
    file("/out/sbom.spdx.json", statement(SPDX, "{}"));

    assertThat(bundle("out"))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.path()).isEqualTo("out/sbom.spdx.json");
              assertThat(one.coreBill()).isTrue();
            });
  }

  @Test
  void aBillLongerThanOneAnswerIsReadWhole() {
    String predicate = "\"" + "x".repeat(20 << 20) + "\"";
    file("/sbom.json", statement(SPDX, predicate));

    assertThat(text(bundle("").getFirst())).isEqualTo(predicate);
  }

  @Test
  void refusesStatementsOfAnotherKind() {
    file("/a.json", statement("https://example.com/other", "{}"));
    assertThatThrownBy(() -> bundle(""))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(
            "bundle entry https://example.com/other does not match required predicate type "
                + SPDX);

    file("/a.json", statement("https://slsa.dev/provenance/v1", "{}"));
    assertThatThrownBy(() -> bundle(""))
        .hasMessage("frontend may not bundle provenance attestations");

    file("/a.json", "{");
    assertThatThrownBy(() -> bundle(""))
        .hasMessageStartingWith("cannot decode in-toto statement a.json");
  }

  /// Files, of which one answer holds 16 MiB at most, as that of a real one.
  private record Tree(Map<String, byte[]> files) implements FrontendRef {
    private static final int LARGEST = 16 << 20;

    @Override
    public String id() {
      return "tree";
    }

    @Override
    public Definition definition() {
      return Definition.SCRATCH;
    }

    @Override
    public void evaluate() {}

    @Override
    public byte[] readFile(String path, Optional<ByteRange> range) {
      byte[] all = found(path);
      int from = (int) (long) range.map(ByteRange::offset).orElse(0L);
      int to =
          (int) Math.min(all.length, from + range.map(ByteRange::length).orElse((long) all.length));
      if (to - from > LARGEST) {
        throw new InvalidRequest("too long for one answer");
      }
      return Arrays.copyOfRange(all, from, to);
    }

    @Override
    public List<Stat> readDirectory(String path, Optional<String> pattern) {
      String prefix = path.endsWith("/") ? path : path + "/";
      return files.keySet().stream()
          .filter(each -> each.startsWith(prefix) && each.indexOf('/', prefix.length()) < 0)
          .map(this::stat)
          .toList();
    }

    @Override
    public Stat stat(String path) {
      return new Stat(path.substring(1), 0644, 0, 0, found(path).length, 0, "", 0, 0, Map.of());
    }

    private byte[] found(String path) {
      byte[] content = files.get(path);
      if (content == null) {
        throw new NotFound(path);
      }
      return content;
    }
  }
}
