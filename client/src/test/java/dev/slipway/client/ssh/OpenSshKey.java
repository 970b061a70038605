package dev.slipway.client.ssh;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/// A key made for a test, and its file as `ssh-keygen` would write it (OpenSSH's `PROTOCOL.key`).
///
/// @param blob the public key as ssh encodes it
/// @param secret the private key's fields as the file has them, without its type
record OpenSshKey(KeyPair pair, String type, byte[] blob, byte[] secret) {
  static OpenSshKey ed25519() {
    KeyPair pair = generate("Ed25519", "");
    byte[] encoded = pair.getPublic().getEncoded();
    byte[] point = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
    byte[] both = Arrays.copyOf(seed, 64);
    System.arraycopy(point, 0, both, 32, 32);
    return new OpenSshKey(
        pair,
        "ssh-ed25519",
        new SshWriter().text("ssh-ed25519").bytes(point).written(),
        new SshWriter().bytes(point).bytes(both).written());
  }

  static OpenSshKey rsa() {
    KeyPair pair = generate("RSA", "");
    RSAPrivateCrtKey key = (RSAPrivateCrtKey) pair.getPrivate();
    return new OpenSshKey(
        pair,
        "ssh-rsa",
        new SshWriter()
            .text("ssh-rsa")
            .integer(key.getPublicExponent())
            .integer(key.getModulus())
            .written(),
        new SshWriter()
            .integer(key.getModulus())
            .integer(key.getPublicExponent())
            .integer(key.getPrivateExponent())
            .integer(key.getCrtCoefficient())
            .integer(key.getPrimeP())
            .integer(key.getPrimeQ())
            .written());
  }

  /// @param bits 256, 384 or 521
  static OpenSshKey ecdsa(int bits) {
    KeyPair pair = generate("EC", "secp" + bits + "r1");
    String curve = "nistp" + bits;
    ECPublicKey known = (ECPublicKey) pair.getPublic();
    int length = (bits + 7) / 8;
    byte[] point = new byte[1 + 2 * length];
    point[0] = 4;
    put(known.getW().getAffineX(), point, 1, length);
    put(known.getW().getAffineY(), point, 1 + length, length);
    String type = "ecdsa-sha2-" + curve;
    return new OpenSshKey(
        pair,
        type,
        new SshWriter().text(type).text(curve).bytes(point).written(),
        new SshWriter()
            .text(curve)
            .bytes(point)
            .integer(((ECPrivateKey) pair.getPrivate()).getS())
            .written());
  }

  private static void put(BigInteger value, byte[] into, int at, int length) {
    byte[] bytes = value.toByteArray();
    int from = Math.max(0, bytes.length - length);
    System.arraycopy(bytes, from, into, at + length - (bytes.length - from), bytes.length - from);
  }

  private static KeyPair generate(String algorithm, String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (!curve.isEmpty()) {
        generator.initialize(new ECGenParameterSpec(curve));
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The file's text.
  String file(String comment) {
    return file(comment, "none");
  }

  /// @param cipher by which the private part is said to be protected
  String file(String comment, String cipher) {
    byte[] inner = new SshWriter().number(1234).number(1234).text(type).written();
    byte[] end = new SshWriter().text(comment).written();
    byte[] padding = {1, 2, 3};
    byte[] whole =
        new SshWriter()
            .text(cipher)
            .text("none")
            .text("")
            .number(1)
            .bytes(blob)
            .bytes(joined(inner, secret, end, padding))
            .written();
    byte[] magic = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);
    return "-----BEGIN OPENSSH PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(70, new byte[] {'\n'}).encodeToString(joined(magic, whole))
        + "\n-----END OPENSSH PRIVATE KEY-----\n";
  }

  private static byte[] joined(byte[]... parts) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
