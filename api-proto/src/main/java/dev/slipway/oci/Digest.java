package dev.slipway.oci;

import dev.slipway.failure.InvalidRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The identity of bytes: an algorithm and the hash in lower-case hex, printed as `sha256:<64
/// hex>`.
///
/// Source: OCI image-spec, descriptor.md, "Digests". Only algorithms with a known length are
/// accepted, so a digest that parsed can be used as a file name.
public record Digest(String algorithm, String hex) implements Comparable<Digest> {
  /// sha256 over no bytes at all.
  public static final Digest EMPTY = ofBytes(new byte[0]);

  public Digest {
    int length = hexLength(algorithm);
    if (hex.length() != length || !isLowerHex(hex)) {
      throw new InvalidRequest(
          "invalid digest "
              + quoted(algorithm + ":" + hex)
              + ": want "
              + length
              + " lower-case hex digits");
    }
  }

  /// Parses `sha256:<hex>`, `sha384:<hex>` or `sha512:<hex>`.
  ///
  /// @throws InvalidRequest when the text is not of that form
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new InvalidRequest("invalid digest " + quoted(text) + ": want <algorithm>:<hex>");
    }
    return new Digest(text.substring(0, colon), text.substring(colon + 1));
  }

  public static boolean isDigest(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return false;
    }
    int length =
        switch (text.substring(0, colon)) {
          case "sha256" -> 64;
          case "sha384" -> 96;
          case "sha512" -> 128;
          default -> -1;
        };
    String hex = text.substring(colon + 1);
    return hex.length() == length && isLowerHex(hex);
  }

  /// sha256 of the bytes.
  public static Digest ofBytes(byte[] bytes) {
    return finish(newSha256(), bytes);
  }

  /// sha256 of the text in UTF-8.
  public static Digest ofText(String text) {
    return ofBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Ends a running sha256 and names what it hashed.
  public static Digest ofSha256(MessageDigest finished) {
    return new Digest("sha256", HexFormat.of().formatHex(finished.digest()));
  }

  public static MessageDigest newSha256() {
    return newMessageDigest("SHA-256");
  }

  /// A running hash of this digest's own algorithm, to verify bytes against it.
  public MessageDigest newVerifier() {
    return newMessageDigest(
        switch (algorithm) {
          case "sha384" -> "SHA-384";
          case "sha512" -> "SHA-512";
          default -> "SHA-256";
        });
  }

  /// True when the finished hash (of [#newVerifier()]) is this digest.
  public boolean matches(MessageDigest finished) {
    return HexFormat.of().formatHex(finished.digest()).equals(hex);
  }

  @Override
  public int compareTo(Digest other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }

  private static Digest finish(MessageDigest hash, byte[] bytes) {
    hash.update(bytes);
    return ofSha256(hash);
  }

  private static MessageDigest newMessageDigest(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("this Java runtime has no " + name, missing);
    }
  }

  private static int hexLength(String algorithm) {
    return switch (algorithm) {
      case "sha256" -> 64;
      case "sha384" -> 96;
      case "sha512" -> 128;
      default -> throw new InvalidRequest("unsupported digest algorithm " + quoted(algorithm));
    };
  }

  private static boolean isLowerHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  private static String quoted(String text) {
    return '"' + (text.length() > 200 ? text.substring(0, 200) + "…" : text) + '"';
  }
}
