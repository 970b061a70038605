package dev.slipway.source.git;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// A commit or an annotated tag, taken apart into what is signed and its signature. Text is kept as
/// ISO 8859-1, so that bytes stay what they are.
///
/// @param signature armored; empty: not signed
record SignedObject(Type type, byte[] raw, byte[] signed, String signature) {
  private static final List<String> SIGNATURE_HEADERS = List.of("gpgsig ", "gpgsig-sha256 ");
  private static final List<String> TAG_SIGNATURES =
      List.of("-----BEGIN PGP SIGNATURE-----", "-----BEGIN SSH SIGNATURE-----");

  enum Type {
    COMMIT("commit", List.of("tree", "author", "committer")),
    TAG("tag", List.of("object", "type", "tag", "tagger"));

    private final String name;
    private final List<String> headers;

    Type(String name, List<String> headers) {
      this.name = name;
      this.headers = headers;
    }
  }

  /// @throws InvalidRequest when it lacks what every object of its kind has
  static SignedObject parse(Type type, byte[] raw) {
    String[] lines = new String(raw, StandardCharsets.ISO_8859_1).split("\n", -1);
    List<String> signed = new ArrayList<>();
    List<String> signature = new ArrayList<>();
    Set<String> headers = new HashSet<>();
    int next = 0;
    boolean inSignature = false;
    for (; next < lines.length && !lines[next].isEmpty(); next++) {
      String line = lines[next];
      boolean begins = type == Type.COMMIT && SIGNATURE_HEADERS.stream().anyMatch(line::startsWith);
      if (begins || inSignature && line.startsWith(" ")) {
        signature.add(line.substring(line.indexOf(' ') + 1));
        inSignature = true;
      } else {
        inSignature = false;
        signed.add(line);
        headers.add(line.split(" ", 2)[0]);
      }
    }
    for (; next < lines.length; next++) {
      if (type == Type.TAG && (!signature.isEmpty() || TAG_SIGNATURES.contains(lines[next]))) {
        signature.add(lines[next]);
      } else {
        signed.add(lines[next]);
      }
    }
    for (String header : type.headers) {
      if (!headers.contains(header)) {
        throw new InvalidRequest(
            "failed to parse git "
                + type.name
                + " object: invalid "
                + type.name
                + " object: missing "
                + header
                + " header");
      }
    }
    boolean cut = type == Type.TAG && !signature.isEmpty();
    String text = String.join("\n", signed) + (cut ? "\n" : "");
    return new SignedObject(
        type, raw, text.getBytes(StandardCharsets.ISO_8859_1), String.join("\n", signature));
  }

  /// @throws CorruptData when it is another object than that
  void requireId(String id) {
    try {
      MessageDigest hash = MessageDigest.getInstance(id.length() == 64 ? "SHA-256" : "SHA-1");
      hash.update((type.name + " " + raw.length + "\0").getBytes(StandardCharsets.US_ASCII));
      String found = HexFormat.of().formatHex(hash.digest(raw));
      if (!found.equals(id)) {
        throw new CorruptData(
            type.name
                + " object checksum verification failed: checksum mismatch: expected "
                + id
                + ", got "
                + found);
      }
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("every Java runtime has SHA-1 and SHA-256", absent);
    }
  }
}
