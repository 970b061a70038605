package dev.slipway.remotecache.s3;

import java.time.Instant;
import java.util.Optional;

/// Keys to sign with.
///
/// @param sessionToken sent along with temporary keys
/// @param expires when temporary keys stop being accepted
record AwsCredentials(
    String accessKeyId,
    String secretAccessKey,
    Optional<String> sessionToken,
    Optional<Instant> expires) {
  static AwsCredentials of(
      String accessKeyId, String secretAccessKey, Optional<String> sessionToken) {
    return new AwsCredentials(
        accessKeyId,
        secretAccessKey,
        sessionToken.filter(token -> !token.isEmpty()),
        Optional.empty());
  }

  @Override
  public String toString() {
    return "AwsCredentials[" + accessKeyId + "]";
  }
}
