package dev.slipway.client.ssh;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;

/// Reads public keys and signatures as ssh encodes them, to check by Java's means.
final class SshPublicKey {
  private SshPublicKey() {}

  static PublicKey decode(byte[] blob, String kind, String curve) throws GeneralSecurityException {
    SshReader reader = new SshReader(blob);
    reader.text();
    KeyFactory keys = KeyFactory.getInstance(kind);
    return switch (kind) {
      case "RSA" -> {
        BigInteger exponent = reader.integer();
        yield keys.generatePublic(new RSAPublicKeySpec(reader.integer(), exponent));
      }
      case "EC" -> {
        reader.text();
        byte[] point = reader.bytes();
        int half = point.length / 2;
        ECPoint read =
            new ECPoint(
                new BigInteger(1, Arrays.copyOfRange(point, 1, 1 + half)),
                new BigInteger(1, Arrays.copyOfRange(point, 1 + half, point.length)));
        yield keys.generatePublic(new ECPublicKeySpec(read, parameters(curve)));
      }
      default -> {
        byte[] point = reader.bytes();
        boolean isOdd = point[31] < 0;
        point[31] &= 0x7f;
        for (int i = 0; i < 16; i++) {
          byte low = point[i];
          point[i] = point[31 - i];
          point[31 - i] = low;
        }
        yield keys.generatePublic(
            new EdECPublicKeySpec(
                NamedParameterSpec.ED25519, new EdECPoint(isOdd, new BigInteger(1, point))));
      }
    };
  }

  private static ECParameterSpec parameters(String curve) throws GeneralSecurityException {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(curve));
    return parameters.getParameterSpec(ECParameterSpec.class);
  }

  /// Both numbers of a signature, one behind the other.
  static byte[] joined(byte[] signature, String curve) throws GeneralSecurityException {
    int length = (parameters(curve).getOrder().bitLength() + 7) / 8;
    SshReader numbers = new SshReader(signature);
    byte[] both = new byte[2 * length];
    for (int end = length; end <= both.length; end += length) {
      byte[] number = numbers.integer().toByteArray();
      int taken = Math.min(number.length, length);
      System.arraycopy(number, number.length - taken, both, end - taken, taken);
    }
    return both;
  }
}
