package dev.slipway.client.ssh;

import dev.slipway.client.ssh.SshKey.Kind;
import dev.slipway.failure.InvalidRequest;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPrivateCrtKeySpec;

/// Private keys in the forms that other tools than ssh's write: PKCS#8 (RFC 5958), PKCS#1 (RFC
/// 8017) of RSA, SEC 1 (RFC 5915) of elliptic curves. None of them tells the public key as ssh
/// does, so that is made here. Pure.
///
/// @param name stands for the comment, which these forms do not have
record PlainKey(String name) {
  private static final String RSA = "2a864886f70d010101";
  private static final String ELLIPTIC_CURVE = "2a8648ce3d0201";
  private static final String ED25519 = "2b6570";

  /// The curves that ssh has keys of.
  private enum Curve {
    P256(Kind.ECDSA_256, "2a8648ce3d030107", "secp256r1", "nistp256", 32),
    P384(Kind.ECDSA_384, "2b81040022", "secp384r1", "nistp384", 48),
    P521(Kind.ECDSA_521, "2b81040023", "secp521r1", "nistp521", 66);

    private final Kind kind;
    private final String identifier;
    private final String javaName;
    private final String sshName;
    private final int bytes;

    Curve(Kind kind, String identifier, String javaName, String sshName, int bytes) {
      this.kind = kind;
      this.identifier = identifier;
      this.javaName = javaName;
      this.sshName = sshName;
      this.bytes = bytes;
    }

    static Curve of(String identifier) {
      for (Curve curve : values()) {
        if (curve.identifier.equals(identifier)) {
          return curve;
        }
      }
      throw new InvalidRequest("ssh: unhandled curve: want P-256, P-384 or P-521");
    }

    ECParameterSpec parameters() throws GeneralSecurityException {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(javaName));
      return parameters.getParameterSpec(ECParameterSpec.class);
    }
  }

  SshKey pkcs8(byte[] bytes) throws GeneralSecurityException {
    DerReader key = new DerReader(bytes).sequence();
    key.integer(); // version
    DerReader algorithm = key.sequence();
    return switch (algorithm.identifier()) {
      case RSA -> pkcs1(key.octets());
      case ELLIPTIC_CURVE -> sec1(key.octets(), Curve.of(algorithm.identifier()));
      case ED25519 -> ed25519(new DerReader(key.octets()).octets());
      default -> throw new InvalidRequest("ssh: unhandled key type: want ed25519, rsa or ecdsa");
    };
  }

  SshKey pkcs1(byte[] bytes) throws GeneralSecurityException {
    DerReader numbers = new DerReader(bytes).sequence();
    numbers.integer(); // version
    RSAPrivateCrtKeySpec told =
        new RSAPrivateCrtKeySpec(
            numbers.integer(),
            numbers.integer(),
            numbers.integer(),
            numbers.integer(),
            numbers.integer(),
            numbers.integer(),
            numbers.integer(),
            numbers.integer());
    RSAPrivateCrtKey key = (RSAPrivateCrtKey) KeyFactory.getInstance("RSA").generatePrivate(told);
    byte[] publicKey =
        new SshWriter()
            .text("ssh-rsa")
            .integer(key.getPublicExponent())
            .integer(key.getModulus())
            .written();
    return new SshKey(Kind.RSA, publicKey, key, name);
  }

  /// The form of SEC 1 that stands alone, and so names its curve.
  SshKey sec1(byte[] bytes) throws GeneralSecurityException {
    DerReader key = new DerReader(bytes).sequence();
    key.integer();
    key.octets();
    String curve =
        key.optional(0)
            .map(DerReader::identifier)
            .orElseThrow(() -> new InvalidRequest("ssh: the key does not say of which curve"));
    return sec1(bytes, Curve.of(curve));
  }

  private SshKey sec1(byte[] bytes, Curve curve) throws GeneralSecurityException {
    DerReader key = new DerReader(bytes).sequence();
    key.integer(); // version
    BigInteger secret = new BigInteger(1, key.octets());
    ECParameterSpec parameters = curve.parameters();
    if (secret.signum() == 0 || secret.compareTo(parameters.getOrder()) >= 0) {
      throw new InvalidRequest("ssh: the private key is not of its curve");
    }
    byte[] publicKey =
        new SshWriter()
            .text("ecdsa-sha2-" + curve.sshName)
            .text(curve.sshName)
            .bytes(encoded(CurvePoint.of(secret, parameters), curve.bytes))
            .written();
    return new SshKey(
        curve.kind,
        publicKey,
        KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(secret, parameters)),
        name);
  }

  /// Uncompressed (SEC 1, 2.3.3).
  private static byte[] encoded(ECPoint point, int bytes) {
    byte[] encoded = new byte[1 + 2 * bytes];
    encoded[0] = 4;
    put(point.getAffineX(), encoded, 1 + bytes, bytes);
    put(point.getAffineY(), encoded, 1 + 2 * bytes, bytes);
    return encoded;
  }

  /// Highest byte first, without the one of the sign.
  private static void put(BigInteger number, byte[] into, int end, int most) {
    byte[] bytes = number.toByteArray();
    int length = Math.min(bytes.length, most);
    System.arraycopy(bytes, bytes.length - length, into, end - length, length);
  }

  /// Java makes the public key of a private one only while it makes both of random bytes, which
  /// here are the private key.
  private SshKey ed25519(byte[] secret) throws GeneralSecurityException {
    if (secret.length != 32) {
      throw new InvalidRequest("ssh: private key unexpected length");
    }
    KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
    generator.initialize(NamedParameterSpec.ED25519, new Given(secret));
    KeyPair pair = generator.generateKeyPair();
    byte[] point = new byte[32];
    EdECPublicKey made = (EdECPublicKey) pair.getPublic();
    put(made.getPoint().getY(), point, point.length, point.length);
    reverse(point);
    point[31] |= (byte) (made.getPoint().isXOdd() ? 0x80 : 0);
    return new SshKey(
        Kind.ED25519,
        new SshWriter().text("ssh-ed25519").bytes(point).written(),
        pair.getPrivate(),
        name);
  }

  private static void reverse(byte[] bytes) {
    for (int i = 0; i < bytes.length / 2; i++) {
      byte first = bytes[i];
      bytes[i] = bytes[bytes.length - 1 - i];
      bytes[bytes.length - 1 - i] = first;
    }
  }

  private static final class Given extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;

    Given(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void nextBytes(byte[] into) {
      System.arraycopy(bytes, 0, into, 0, into.length);
    }
  }
}
