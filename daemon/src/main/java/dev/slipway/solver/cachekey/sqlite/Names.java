package dev.slipway.solver.cachekey.sqlite;

import dev.slipway.oci.Digest;
import dev.slipway.solver.cachekey.KeyId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Ids and digests as bytes: nearly all are a word and 32 bytes in hex, which take 33.
final class Names {
  private static final List<String> WORDS = List.of("", "sha256:", "random:");
  private static final int HASH_BYTES = 32;

  private Names() {}

  static byte[] encode(KeyId key) {
    return encode(key.text());
  }

  static byte[] encode(Digest digest) {
    return encode(digest.toString());
  }

  static byte[] encode(Optional<Digest> selector) {
    return selector.map(Names::encode).orElse(new byte[0]);
  }

  static KeyId key(byte[] name) {
    return new KeyId(decode(name));
  }

  static Digest digest(byte[] name) {
    return Digest.parse(decode(name));
  }

  static Optional<Digest> selector(byte[] name) {
    return name.length == 0 ? Optional.empty() : Optional.of(digest(name));
  }

  private static byte[] encode(String text) {
    for (int word = 1; word < WORDS.size(); word++) {
      if (text.startsWith(WORDS.get(word)) && isHash(text.substring(WORDS.get(word).length()))) {
        byte[] hash = HexFormat.of().parseHex(text, WORDS.get(word).length(), text.length());
        return ByteBuffer.allocate(1 + HASH_BYTES).put((byte) word).put(hash).array();
      }
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + bytes.length).put((byte) 0).put(bytes).array();
  }

  private static String decode(byte[] name) {
    int word = name[0];
    return word == 0
        ? new String(name, 1, name.length - 1, StandardCharsets.UTF_8)
        : WORDS.get(word) + HexFormat.of().formatHex(name, 1, name.length);
  }

  private static boolean isHash(String text) {
    return text.length() == 2 * HASH_BYTES
        && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
  }
}
