package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttestationRequestTest {
  @Test
  void readsWhatIsAskedForAsAnOptionOrAnArgument() {
    AttestationRequest asked =
        AttestationRequest.of(
            Map.of(
                "attest:sbom", "\"generator=host.example/scan:1\",\"ARG=a,b\"",
                "build-arg:BUILDKIT_ATTEST_PROVENANCE", "mode=min,builder-id=me",
                "target", "x"));

    assertThat(asked.sbom().orElseThrow().generator()).hasToString("host.example/scan:1");
    assertThat(asked.sbom().orElseThrow().parameters()).isEqualTo(Map.of("ARG", "a,b"));
    assertThat(asked.builderId()).isEqualTo("me");
  }

  @Test
  void theUsualScannerScansWhereNoneIsNamed() {
    AttestationRequest asked = AttestationRequest.of(Map.of("attest:sbom", ""));

    assertThat(asked.sbom().orElseThrow().generator())
        .hasToString("docker.io/docker/buildkit-syft-scanner:stable-1");
    assertThat(asked.provenance()).isEmpty();
  }

  @Test
  void refusesWhatNobodyCanAttest() {
    assertThatThrownBy(() -> AttestationRequest.of(Map.of("attest:luck", "")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("unknown attestation type \"luck\"");
  }
}
