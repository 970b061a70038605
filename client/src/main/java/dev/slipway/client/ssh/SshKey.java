package dev.slipway.client.ssh;

import dev.slipway.failure.InvalidRequest;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Arrays;

/// A private key with what others know it by. Immutable.
///
/// @param kind which signatures it makes
/// @param publicKey as ssh encodes it
/// @param comment for people
record SshKey(Kind kind, byte[] publicKey, PrivateKey privateKey, String comment) {
  private static final int RSA_SHA2_256 = 2;
  private static final int RSA_SHA2_512 = 4;

  enum Kind {
    ED25519,
    RSA,
    ECDSA_256,
    ECDSA_384,
    ECDSA_521
  }

  SshKey {
    publicKey = publicKey.clone();
  }

  boolean isKnownBy(byte[] blob) {
    return Arrays.equals(publicKey, blob);
  }

  /// @param flags of the request: which hash an RSA signature is to be of
  /// @return the signature as ssh encodes it, with its algorithm's name
  byte[] sign(byte[] data, int flags) {
    return switch (kind) {
      case ED25519 -> encoded("ssh-ed25519", raw("Ed25519", data));
      case RSA -> signByRsa(data, flags);
      case ECDSA_256 -> encoded("ecdsa-sha2-nistp256", pair(raw("SHA256" + PAIR, data)));
      case ECDSA_384 -> encoded("ecdsa-sha2-nistp384", pair(raw("SHA384" + PAIR, data)));
      case ECDSA_521 -> encoded("ecdsa-sha2-nistp521", pair(raw("SHA512" + PAIR, data)));
    };
  }

  /// The two numbers of the signature one behind the other, of the same length.
  private static final String PAIR = "withECDSAinP1363Format";

  private byte[] signByRsa(byte[] data, int flags) {
    if ((flags & RSA_SHA2_512) != 0) {
      return encoded("rsa-sha2-512", raw("SHA512withRSA", data));
    }
    if ((flags & RSA_SHA2_256) != 0) {
      return encoded("rsa-sha2-256", raw("SHA256withRSA", data));
    }
    return encoded("ssh-rsa", raw("SHA1withRSA", data));
  }

  private byte[] raw(String algorithm, byte[] data) {
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(privateKey);
      signature.update(data);
      return signature.sign();
    } catch (GeneralSecurityException failure) {
      throw new InvalidRequest(
          "cannot sign with the key " + comment + ": " + failure.getMessage(), failure);
    }
  }

  private static byte[] pair(byte[] both) {
    int half = both.length / 2;
    return new SshWriter()
        .integer(new BigInteger(1, Arrays.copyOf(both, half)))
        .integer(new BigInteger(1, Arrays.copyOfRange(both, half, both.length)))
        .written();
  }

  private static byte[] encoded(String algorithm, byte[] signature) {
    return new SshWriter().text(algorithm).bytes(signature).written();
  }
}
