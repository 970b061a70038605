package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttestsTest {
  private final Attests attests = new Attests();

  @Test
  void aTruthValueAsksForTheUsual() {
    attests.add("sbom", "true");
    attests.add("provenance", "false");

    assertThat(attests.options()).isEqualTo(Map.of("attest:sbom", ""));
  }

  @Test
  void fieldsAreHandedOnWithTheirCommas() {
    attests.add("sbom", "generator=host/scanner:1,\"ARG=a,b\"");
    attests.add("type=provenance,mode=max");

    assertThat(attests.options())
        .isEqualTo(
            Map.of(
                "attest:sbom", "generator=host/scanner:1,\"ARG=a,b\"",
                "attest:provenance", "mode=max"));
  }

  @Test
  void refusesWhatNobodyCanAttest() {
    attests.add("sbom", "true");

    assertThatThrownBy(() -> attests.add("mode=max"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("attestation type not specified");
    assertThatThrownBy(() -> attests.add("type=luck"))
        .hasMessage("unknown attestation type \"luck\"");
    assertThatThrownBy(() -> attests.add("type=sbom"))
        .hasMessage("duplicate attestation field sbom");
  }
}
