package dev.slipway.session;

import com.google.protobuf.ByteString;
import dev.slipway.api.auth.AuthGrpc;
import dev.slipway.api.auth.GetTokenAuthorityRequest;
import dev.slipway.api.auth.VerifyTokenAuthorityRequest;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.FailureKind;
import io.grpc.StatusRuntimeException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Finds out which clients have the same credentials for a registry without being told them: each
/// derives a key from its credentials and a salt of this daemon's, names the public half, and
/// proves by signing what it is sent that it has the other (surface reference 2.5; the signed
/// message is NaCl's: 64 bytes of Ed25519 signature before the text). Blocking; thread-safe.
public final class TokenAuthority {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SALT = 32;
  private static final int KEY = 32;
  private static final int SIGNATURE = 64;
  private static final String ALGORITHM = "Ed25519";

  private final byte[] salt;
  private final SecureRandom random;

  private TokenAuthority(SecureRandom random) {
    this.random = random;
    this.salt = new byte[SALT];
    random.nextBytes(salt);
  }

  /// With a salt of its own, so that keys say nothing once the daemon has ended.
  public static TokenAuthority create() {
    return new TokenAuthority(new SecureRandom());
  }

  /// A name that all clients with the same credentials for the host have, and no other.
  ///
  /// @return empty when the client knows nothing of this, or signs wrongly
  /// @throws BuildFailure the client cannot answer
  Optional<String> prove(Session session, String host) {
    return supports(session)
        ? key(session, host).filter(key -> signs(session, host, key)).map(HexFormat.of()::formatHex)
        : Optional.empty();
  }

  /// Whether the client wants to buy tokens itself, as far as it says.
  ///
  /// @throws BuildFailure the client cannot answer
  boolean buysTokens(Session session, String host) {
    return !supports(session) || key(session, host).isPresent();
  }

  private static boolean supports(Session session) {
    return session.supports("/" + AuthGrpc.getGetTokenAuthorityMethod().getFullMethodName())
        && session.supports("/" + AuthGrpc.getVerifyTokenAuthorityMethod().getFullMethodName());
  }

  private static AuthGrpc.AuthBlockingStub stub(Session session) {
    return AuthGrpc.newBlockingStub(session.channel())
        .withDeadlineAfter(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// Empty from a client that was told to buy no tokens.
  private Optional<byte[]> key(Session session, String host) {
    GetTokenAuthorityRequest request =
        GetTokenAuthorityRequest.newBuilder()
            .setHost(host)
            .setSalt(ByteString.copyFrom(salt))
            .build();
    try {
      byte[] key = stub(session).getTokenAuthority(request).getPublicKey().toByteArray();
      return Optional.of(key);
    } catch (StatusRuntimeException failed) {
      BuildFailure failure = ClientFailures.of(failed, "token authority for " + host);
      if (failure.kind() == FailureKind.UNSUPPORTED || failure.kind() == FailureKind.UNAVAILABLE) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  private boolean signs(Session session, String host, byte[] key) {
    byte[] payload = new byte[KEY];
    random.nextBytes(payload);
    VerifyTokenAuthorityRequest request =
        VerifyTokenAuthorityRequest.newBuilder()
            .setHost(host)
            .setSalt(ByteString.copyFrom(salt))
            .setPayload(ByteString.copyFrom(payload))
            .build();
    try {
      return isSigned(
          stub(session).verifyTokenAuthority(request).getSigned().toByteArray(), payload, key);
    } catch (StatusRuntimeException failed) {
      BuildFailure failure = ClientFailures.of(failed, "proof of the token authority for " + host);
      if (failure.kind() == FailureKind.UNSUPPORTED) {
        return false;
      }
      throw failure;
    }
  }

  private static boolean isSigned(byte[] signed, byte[] payload, byte[] key) {
    if (key.length != KEY || signed.length != SIGNATURE + payload.length) {
      return false;
    }
    byte[] text = Arrays.copyOfRange(signed, SIGNATURE, signed.length);
    try {
      Signature verifier = Signature.getInstance(ALGORITHM);
      verifier.initVerify(publicKey(key));
      verifier.update(text);
      return verifier.verify(signed, 0, SIGNATURE) && MessageDigest.isEqual(text, payload);
    } catch (GeneralSecurityException malformed) {
      return false;
    }
  }

  /// RFC 8032, 5.1.2: little endian, the highest bit being the sign of x.
  private static PublicKey publicKey(byte[] key) throws GeneralSecurityException {
    byte[] y = new byte[KEY];
    for (int i = 0; i < KEY; i++) {
      y[i] = key[KEY - 1 - i];
    }
    boolean odd = (y[0] & 0x80) != 0;
    y[0] &= 0x7f;
    return KeyFactory.getInstance(ALGORITHM)
        .generatePublic(
            new EdECPublicKeySpec(
                NamedParameterSpec.ED25519, new EdECPoint(odd, new BigInteger(1, y))));
  }
}
