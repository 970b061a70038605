package dev.slipway.frontend.dockerfile;

import dev.slipway.failure.Unsupported;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.Locale;
import java.util.Map;

/// Options that ask for statements about the result. Provenance is the daemon's own affair and only
/// checked here.
final class AttestationOptions {
  private AttestationOptions() {}

  static void check(Map<String, String> given) {
    for (String key : given.keySet()) {
      String type = type(key);
      switch (type) {
        case "", "provenance" -> {
          // nothing for a frontend to do
        }
        case "sbom" ->
            throw new Unsupported("sbom attestations are not supported by the built-in frontend");
        default -> throw new DockerfileError("unknown attestation type " + GoText.quote(type));
      }
    }
  }

  private static String type(String key) {
    for (String prefix : new String[] {"attest:", "build-arg:BUILDKIT_ATTEST_"}) {
      if (key.startsWith(prefix)) {
        return key.substring(prefix.length()).toLowerCase(Locale.ROOT);
      }
    }
    return "";
  }
}
