package dev.slipway.source.http;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.source.signature.PgpSignature;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A signature that comes with the build, and whose it must be (attributes `http.sig.…`).
///
/// @param publicKeys armored OpenPGP keys
/// @param armored detached OpenPGP signature
record RequiredSignature(String publicKeys, String armored) {
  private static final String PUBLIC_KEY = "http.sig.pubkey";
  private static final String SIGNATURE = "http.sig.signature";

  /// Empty when the build asks for none.
  ///
  /// @throws InvalidRequest when only one half of it is given
  static Optional<RequiredSignature> of(Map<String, String> attributes) {
    if (!attributes.containsKey(PUBLIC_KEY) && !attributes.containsKey(SIGNATURE)) {
      return Optional.empty();
    }
    String publicKeys = attributes.getOrDefault(PUBLIC_KEY, "");
    String armored = attributes.getOrDefault(SIGNATURE, "");
    if (publicKeys.isEmpty() || armored.isEmpty()) {
      throw new InvalidRequest("http signature verification requires both pubkey and signature");
    }
    return Optional.of(new RequiredSignature(publicKeys, armored));
  }

  /// @throws BuildFailure when the file is not what was signed, with the reason
  void require(Path file) {
    try (InputStream content = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      PgpSignature.parse(armored).verify(content, publicKeys, PgpSignature.ExpiredKeys.ACCEPTED);
    } catch (BuildFailure failure) {
      throw failure.in("failed to verify pgp signature");
    } catch (IOException failed) {
      throw new Unavailable("cannot read " + file + ": " + failed.getMessage(), failed);
    }
  }
}
