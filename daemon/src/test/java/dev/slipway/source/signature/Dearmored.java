package dev.slipway.source.signature;

import java.util.Base64;
import java.util.stream.Collectors;

/// Armor without its checksum, which is optional.
final class Dearmored {
  private Dearmored() {}

  static byte[] bytes(String armored) {
    return Base64.getMimeDecoder()
        .decode(
            armored
                .lines()
                .filter(line -> !line.startsWith("-----") && !line.startsWith("="))
                .collect(Collectors.joining()));
  }

  static String armored(byte[] bytes) {
    return "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
        + "\n-----END PGP PUBLIC KEY BLOCK-----\n";
  }
}
