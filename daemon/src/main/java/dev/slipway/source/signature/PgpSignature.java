package dev.slipway.source.signature;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPObjectFactory;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/// A detached, armored OpenPGP signature, or several of the same content, of which the first by a
/// known key counts. Confined to one thread; verifies once.
public final class PgpSignature {
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
  private static final Set<Integer> HASHES =
      Set.of(HashAlgorithmTags.SHA256, HashAlgorithmTags.SHA384, HashAlgorithmTags.SHA512);
  private static final Set<Integer> KEY_KINDS =
      Set.of(
          PublicKeyAlgorithmTags.RSA_GENERAL,
          SigningKey.RSA_SIGN,
          PublicKeyAlgorithmTags.ECDSA,
          PublicKeyAlgorithmTags.EDDSA_LEGACY);

  /// What a signature may say about itself; anything else that it calls critical is not understood
  /// here, so the signature is not either.
  private static final Set<Integer> UNDERSTOOD =
      Set.of(
          SignatureSubpacketTags.CREATION_TIME,
          SignatureSubpacketTags.EXPIRE_TIME,
          SignatureSubpacketTags.ISSUER_KEY_ID,
          SignatureSubpacketTags.ISSUER_FINGERPRINT,
          SignatureSubpacketTags.SIGNER_USER_ID,
          SignatureSubpacketTags.POLICY_URL);

  /// Whether keys that have expired since the signature was made still count.
  public enum ExpiredKeys {
    ACCEPTED,
    REJECTED
  }

  private final List<PGPSignature> signatures;

  private PgpSignature(List<PGPSignature> signatures) {
    this.signatures = signatures;
  }

  /// @throws InvalidRequest when it is not an armored signature
  public static PgpSignature parse(String armored) {
    List<Armor> blocks = Armor.blocks(armored);
    if (blocks.isEmpty()) {
      throw new InvalidRequest("failed to decode armored signature: EOF");
    }
    Armor block = blocks.getFirst();
    return reading(
        "failed to read armored signature body",
        () -> {
          PGPObjectFactory packets = new BcPGPObjectFactory(block.body());
          List<PGPSignature> found = new ArrayList<>();
          for (Object packet = packets.nextObject();
              packet != null;
              packet = packets.nextObject()) {
            if (packet instanceof PGPSignatureList some) {
              some.forEach(found::add);
            }
          }
          if (found.isEmpty()) {
            throw new InvalidRequest("no signature packet found");
          }
          return new PgpSignature(found);
        });
  }

  /// Reads the signed bytes to their end.
  ///
  /// @param publicKeys armored, one or several blocks
  /// @throws InvalidRequest when the keys cannot be read
  /// @throws Denied when the signature is not by one of the keys, or not acceptable, with the
  ///   reason
  /// @throws IOException when the signed bytes cannot be read
  public void verify(InputStream signed, String publicKeys, ExpiredKeys expired)
      throws IOException {
    List<SigningKey> keys =
        SigningKey.all(publicKeys).stream().filter(SigningKey::maySign).toList();
    for (PGPSignature signature : signatures) {
      Optional<SigningKey> signer =
          keys.stream().filter(key -> key.id() == signature.getKeyID()).findFirst();
      if (signer.isPresent()) {
        requireAcceptable(signature);
        feed(signature, signed, signer.get());
        requireInForce(signature, signer.get(), expired);
        return;
      }
    }
    requireAcceptable(signatures.getFirst());
    throw refused(signatures.getFirst(), "signature made by unknown entity");
  }

  private static void requireAcceptable(PGPSignature signature) {
    if (!HASHES.contains(signature.getHashAlgorithm())) {
      throw new Denied("rejecting weak/unknown hash: " + hashName(signature.getHashAlgorithm()));
    }
    if (!KEY_KINDS.contains(signature.getKeyAlgorithm())) {
      throw new Denied("rejecting unsupported pubkey algorithm: " + signature.getKeyAlgorithm());
    }
    int type = signature.getSignatureType();
    if (type != PGPSignature.BINARY_DOCUMENT && type != PGPSignature.CANONICAL_TEXT_DOCUMENT) {
      throw refused(signature, "unsupported feature: hash for signature type: " + type);
    }
    for (int tag : signature.getHashedSubPackets().getCriticalTags()) {
      if (!UNDERSTOOD.contains(tag)) {
        throw refused(signature, "unknown critical signature subpacket type " + tag);
      }
    }
  }

  private static void feed(PGPSignature signature, InputStream signed, SigningKey signer)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    try {
      signature.init(new BcPGPContentVerifierBuilderProvider(), signer.key());
      for (int read = signed.read(buffer); read >= 0; read = signed.read(buffer)) {
        signature.update(buffer, 0, read);
      }
      if (!signature.verify()) {
        throw refused(signature, "invalid signature: signature does not match");
      }
    } catch (PGPException malformed) {
      throw refused(signature, "invalid signature: " + malformed.getMessage());
    }
  }

  private static void requireInForce(
      PGPSignature signature, SigningKey signer, ExpiredKeys expired) {
    Instant made = signature.getCreationTime().toInstant();
    Instant now = Instant.now();
    Instant at =
        switch (expired) {
          case ACCEPTED -> made;
          case REJECTED -> now;
        };
    if (made.isBefore(signer.created())) {
      throw refused(signature, "signature is older than the key");
    }
    if (signer.expired(at)) {
      throw refused(signature, "key expired");
    }
    long lifetime = signature.getHashedSubPackets().getSignatureExpirationTime();
    if (lifetime > 0 && at.isAfter(made.plusSeconds(lifetime))) {
      throw refused(signature, "signature expired");
    }
    signer
        .revoked()
        .ifPresent(
            reason -> {
              throw new Denied(reason.isEmpty() ? "key revoked" : "key revoked: " + reason);
            });
    signer.requireStrong();
    if (made.isAfter(now.plus(CLOCK_SKEW))) {
      throw new Denied("signature creation time is in the future: " + made);
    }
  }

  private static Denied refused(PGPSignature signature, String reason) {
    return new Denied(
        "signature by "
            + String.format(Locale.ROOT, "%X", signature.getKeyID())
            + ": openpgp: "
            + reason);
  }

  private static String hashName(int algorithm) {
    return switch (algorithm) {
      case HashAlgorithmTags.MD5 -> "MD5";
      case HashAlgorithmTags.SHA1 -> "SHA-1";
      case HashAlgorithmTags.RIPEMD160 -> "RIPEMD-160";
      case HashAlgorithmTags.SHA224 -> "SHA-224";
      default -> "number " + algorithm;
    };
  }

  /// Work of the library on bytes that anyone may have made.
  @FunctionalInterface
  interface Reading<T> {
    T read() throws IOException, PGPException;
  }

  /// The library throws unchecked exceptions of many kinds at malformed packets.
  static <T> T reading(String doing, Reading<T> work) {
    try {
      return work.read();
    } catch (BuildFailure ours) {
      throw ours;
    } catch (IOException | PGPException | RuntimeException malformed) {
      throw new InvalidRequest(doing + ": " + malformed.getMessage(), malformed);
    }
  }

  /// One armored block.
  ///
  /// @param type as `PUBLIC KEY BLOCK`
  record Armor(String type, String text) {
    private static final String BEGIN = "-----BEGIN PGP ";

    /// The blocks of a text, which may have anything between them.
    static List<Armor> blocks(String text) {
      List<Armor> blocks = new ArrayList<>();
      for (int begin = text.indexOf(BEGIN); begin >= 0; ) {
        int next = text.indexOf(BEGIN, begin + 1);
        String block = next < 0 ? text.substring(begin) : text.substring(begin, next);
        int end = block.indexOf("-----", BEGIN.length());
        if (end > 0) {
          blocks.add(new Armor(block.substring(BEGIN.length(), end), block));
        }
        begin = next;
      }
      return blocks;
    }

    InputStream body() throws IOException {
      return new ArmoredInputStream(
          new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
  }
}
