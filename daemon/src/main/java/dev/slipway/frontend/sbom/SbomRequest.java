package dev.slipway.frontend.sbom;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.ImageReference;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A wish for bills of materials.
///
/// @param generator the scanner image
/// @param parameters handed to the scanner as `BUILDKIT_SCAN_<NAME>`
public record SbomRequest(ImageReference generator, SortedMap<String, String> parameters) {
  /// What scans where nobody says otherwise (BuildKit `frontend/attestations/parse.go`, v0.32.2).
  public static final String DEFAULT_GENERATOR = "docker/buildkit-syft-scanner:stable-1";

  private static final String GENERATOR = "generator";

  public SbomRequest {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }

  /// @param fields of the option `attest:sbom`
  /// @throws InvalidRequest the generator is no image's name
  public static SbomRequest of(Map<String, String> fields) {
    SortedMap<String, String> parameters = new TreeMap<>(fields);
    parameters.remove(GENERATOR);
    String named = fields.getOrDefault(GENERATOR, DEFAULT_GENERATOR);
    if (named.isEmpty()) {
      throw new InvalidRequest("sbom generator cannot be empty");
    }
    try {
      return new SbomRequest(ImageReference.parse(named).withDefaultTag(), parameters);
    } catch (InvalidRequest malformed) {
      throw malformed.in("failed to parse sbom generator " + named);
    }
  }
}
