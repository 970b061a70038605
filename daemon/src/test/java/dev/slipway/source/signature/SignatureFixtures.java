package dev.slipway.source.signature;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Public keys and what gpg and ssh-keygen signed with their other halves, which nobody kept.
final class SignatureFixtures {
  private SignatureFixtures() {}

  static byte[] bytes(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            SignatureFixtures.class.getResourceAsStream("/signatures/" + name), name)) {
      return in.readAllBytes();
    }
  }

  static String text(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.ISO_8859_1);
  }
}
