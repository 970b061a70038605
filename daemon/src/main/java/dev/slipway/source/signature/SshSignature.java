package dev.slipway.source.signature;

import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A signature that `ssh-keygen -Y sign` or git made with an SSH key (OpenSSH's `PROTOCOL.sshsig`).
/// Immutable.
///
/// Keys: Ed25519, RSA with SHA-2, and ECDSA on the three curves of RFC 5656.
public final class SshSignature {
  private static final byte[] PREAMBLE = "SSHSIG".getBytes(StandardCharsets.US_ASCII);
  private static final Pattern ARMOR =
      Pattern.compile(
          "-----BEGIN SSH SIGNATURE-----\\s*([A-Za-z0-9+/=\\s]*)-----END SSH SIGNATURE-----\\s*");
  private static final Pattern AUTHORIZED_KEY =
      Pattern.compile("(?:^|\\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+)\\s+([A-Za-z0-9+/=]+)");
  private static final int FEWEST_RSA_BITS = 1024;

  /// What comes before the point in the key's DER form (RFC 5480), by the curve's name.
  private static final Map<String, Curve> CURVES =
      Map.of(
          "ecdsa-sha2-nistp256",
          new Curve(32, "SHA256", "3059301306072a8648ce3d020106082a8648ce3d030107034200"),
          "ecdsa-sha2-nistp384",
          new Curve(48, "SHA384", "3076301006072a8648ce3d020106052b81040022036200"),
          "ecdsa-sha2-nistp521",
          new Curve(66, "SHA512", "30819b301006072a8648ce3d020106052b8104002303818600"));

  private static final String ED25519_PREFIX = "302a300506032b6570032100";

  private final byte[] publicKey;
  private final String namespace;
  private final String hash;
  private final byte[] signature;

  /// @param bytes of a number of the curve's order
  private record Curve(int bytes, String hash, String prefix) {}

  private SshSignature(byte[] publicKey, String namespace, String hash, byte[] signature) {
    this.publicKey = publicKey;
    this.namespace = namespace;
    this.hash = hash;
    this.signature = signature;
  }

  /// @throws InvalidRequest when it is not an armored signature of version 1
  public static SshSignature parse(String armored) {
    Matcher armor = ARMOR.matcher(armored);
    if (!armor.matches()) {
      throw new InvalidRequest("failed to decode ssh signature PEM block");
    }
    try {
      var blob = new Blob(Base64.getMimeDecoder().decode(armor.group(1)));
      blob.requirePreamble();
      int version = blob.number();
      if (version != 1) {
        throw new InvalidRequest(
            "failed to parse ssh signature: unsupported signature version "
                + Integer.toUnsignedString(version)
                + ": expected 1");
      }
      byte[] key = blob.bytes();
      String namespace = blob.text();
      blob.bytes();
      String hash = blob.text();
      byte[] signature = blob.bytes();
      blob.requireEnd();
      if (!hash.equals("sha256") && !hash.equals("sha512")) {
        throw new InvalidRequest(
            "failed to parse ssh signature: unsupported hash algorithm \""
                + hash
                + "\": must be \"sha256\" or \"sha512\"");
      }
      return new SshSignature(key, namespace, hash, signature);
    } catch (BufferUnderflowException | IllegalArgumentException malformed) {
      throw new InvalidRequest("failed to parse ssh signature: malformed", malformed);
    }
  }

  /// @param purpose the namespace that it must have been made for
  /// @param authorizedKey the one key that counts, as in an `authorized_keys` or `.pub` file
  /// @throws InvalidRequest when the key cannot be read
  /// @throws Denied when the signature is for something else, or not by that key
  public void verify(byte[] signed, String purpose, String authorizedKey) {
    if (!namespace.equals(purpose)) {
      throw new Denied("unexpected SSH signature namespace: \"" + namespace + "\"");
    }
    byte[] given =
        key(authorizedKey)
            .orElseThrow(
                () -> new InvalidRequest("failed to parse ssh public key: ssh: no key found"));
    if (!MessageDigest.isEqual(given, publicKey)) {
      throw refused("public key does not match");
    }
    try {
      if (!verifies(whatWasSigned(signed))) {
        throw refused("signature did not verify");
      }
    } catch (GeneralSecurityException
        | BufferUnderflowException
        | IllegalArgumentException malformed) {
      throw new Denied("failed to verify ssh signature: malformed key or signature", malformed);
    }
  }

  private static Denied refused(String reason) {
    return new Denied("failed to verify ssh signature: " + reason);
  }

  /// The first key of the text; options before it and comments after it are nothing to us.
  private static Optional<byte[]> key(String authorizedKeys) {
    for (String line : authorizedKeys.split("\\R")) {
      Matcher key = AUTHORIZED_KEY.matcher(line);
      if (!line.stripLeading().startsWith("#") && key.find()) {
        try {
          byte[] blob = Base64.getDecoder().decode(key.group(2));
          if (new Blob(blob).text().equals(key.group(1))) {
            return Optional.of(blob);
          }
        } catch (BufferUnderflowException | IllegalArgumentException malformed) {
          // Perhaps a later line is a key.
        }
      }
    }
    return Optional.empty();
  }

  private byte[] whatWasSigned(byte[] signed) throws GeneralSecurityException {
    String algorithm = hash.equals("sha256") ? "SHA-256" : "SHA-512";
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(PREAMBLE);
    put(message, namespace.getBytes(StandardCharsets.UTF_8));
    put(message, new byte[0]);
    put(message, hash.getBytes(StandardCharsets.UTF_8));
    put(message, MessageDigest.getInstance(algorithm).digest(signed));
    return message.toByteArray();
  }

  private static void put(ByteArrayOutputStream message, byte[] text) {
    message.writeBytes(ByteBuffer.allocate(4).putInt(text.length).array());
    message.writeBytes(text);
  }

  private boolean verifies(byte[] message) throws GeneralSecurityException {
    var made = new Blob(signature);
    String format = made.text();
    byte[] bytes = made.bytes();
    made.requireEnd();
    var key = new Blob(publicKey);
    String type = key.text();
    return switch (type) {
      case "ssh-ed25519" ->
          format.equals(type)
              && check("Ed25519", key("Ed25519", ED25519_PREFIX, key.bytes()), message, bytes);
      case "ssh-rsa" -> verifiesRsa(format, key, message, bytes);
      case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521" -> {
        Curve curve = CURVES.get(type);
        key.bytes();
        byte[] point = key.bytes();
        yield curve != null
            && format.equals(type)
            && point.length == 2 * curve.bytes() + 1
            && check(
                curve.hash() + "withECDSAinP1363Format",
                key("EC", curve.prefix(), point),
                message,
                fixed(new Blob(bytes), curve.bytes()));
      }
      default -> throw refused("keys of type " + type + " are not supported");
    };
  }

  private static boolean verifiesRsa(String format, Blob key, byte[] message, byte[] bytes)
      throws GeneralSecurityException {
    String algorithm =
        switch (format) {
          case "rsa-sha2-256" -> "SHA256withRSA";
          case "rsa-sha2-512" -> "SHA512withRSA";
          default -> throw refused("signatures of format " + format + " are not supported");
        };
    BigInteger exponent = key.integer();
    BigInteger modulus = key.integer();
    if (modulus.bitLength() < FEWEST_RSA_BITS) {
      throw refused("RSA key too short: " + modulus.bitLength() + " bits");
    }
    // Leading zeros of the number may have been left out.
    int length = (modulus.bitLength() + 7) / 8;
    byte[] whole = new byte[length];
    if (bytes.length > length) {
      return false;
    }
    System.arraycopy(bytes, 0, whole, length - bytes.length, bytes.length);
    PublicKey publicKey =
        KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
    return check(algorithm, publicKey, message, whole);
  }

  private static PublicKey key(String algorithm, String prefix, byte[] point)
      throws GeneralSecurityException {
    byte[] head = HexFormat.of().parseHex(prefix);
    byte[] der = Arrays.copyOf(head, head.length + point.length);
    System.arraycopy(point, 0, der, head.length, point.length);
    return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
  }

  private static boolean check(String algorithm, PublicKey key, byte[] message, byte[] signature)
      throws GeneralSecurityException {
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(key);
    verifier.update(message);
    return verifier.verify(signature);
  }

  /// The two numbers of an ECDSA signature, each at full length.
  private static byte[] fixed(Blob numbers, int length) {
    byte[] fixed = new byte[2 * length];
    for (int i = 0; i < 2; i++) {
      BigInteger number = numbers.integer();
      byte[] bytes = number.toByteArray();
      int from = bytes[0] == 0 ? 1 : 0;
      if (number.signum() < 0 || bytes.length - from > length) {
        throw new IllegalArgumentException("number out of range");
      }
      System.arraycopy(
          bytes, from, fixed, (i + 1) * length - (bytes.length - from), bytes.length - from);
    }
    numbers.requireEnd();
    return fixed;
  }

  /// SSH's data types (RFC 4251, 5), read in turn. Malformed lengths end in
  /// [BufferUnderflowException] or [IllegalArgumentException].
  private static final class Blob {
    private final ByteBuffer rest;

    Blob(byte[] bytes) {
      this.rest = ByteBuffer.wrap(bytes);
    }

    int number() {
      return rest.getInt();
    }

    byte[] bytes() {
      int length = rest.getInt();
      if (length < 0 || length > rest.remaining()) {
        throw new BufferUnderflowException();
      }
      byte[] bytes = new byte[length];
      rest.get(bytes);
      return bytes;
    }

    String text() {
      return new String(bytes(), StandardCharsets.UTF_8);
    }

    BigInteger integer() {
      byte[] bytes = bytes();
      return bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
    }

    void requirePreamble() {
      byte[] found = new byte[PREAMBLE.length];
      rest.get(found);
      if (!Arrays.equals(found, PREAMBLE)) {
        throw new IllegalArgumentException("no preamble");
      }
    }

    void requireEnd() {
      if (rest.hasRemaining()) {
        throw new IllegalArgumentException("bytes after the end");
      }
    }
  }
}
