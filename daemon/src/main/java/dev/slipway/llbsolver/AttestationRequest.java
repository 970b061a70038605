package dev.slipway.llbsolver;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.dockerfile.AttestationOptions;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.sbom.SbomRequest;
import dev.slipway.provenance.ProvenanceOptions;
import java.util.Map;
import java.util.Optional;

/// The attestations that a build's options ask for.
record AttestationRequest(Optional<ProvenanceOptions> provenance, Optional<SbomRequest> sbom) {
  /// @throws InvalidRequest an unknown type, or a value that makes no sense
  static AttestationRequest of(Map<String, String> options) {
    try {
      Map<String, Map<String, String>> asked = AttestationOptions.read(options);
      return new AttestationRequest(
          Optional.ofNullable(asked.get("provenance")).map(ProvenanceOptions::of),
          Optional.ofNullable(asked.get("sbom")).map(SbomRequest::of));
    } catch (DockerfileError malformed) {
      throw new InvalidRequest(malformed.message(), malformed);
    }
  }

  /// What the user calls this builder, even where no provenance is asked for.
  String builderId() {
    return provenance.map(ProvenanceOptions::builderId).orElse("");
  }
}
