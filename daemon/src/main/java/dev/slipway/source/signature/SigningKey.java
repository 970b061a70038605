package dev.slipway.source.signature;

import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.source.signature.PgpSignature.Armor;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.bcpg.sig.RevocationReason;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSecretKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/// A key of someone, primary or not, with what its owner says of it. A key counts only as far as
/// the owner's own signatures vouch for it.
///
/// @param primary of its owner; the same as `key` for the primary key itself
/// @param vouching the newest valid statement of the owner about `key`
/// @param aboutPrimary the newest valid statement of the owner about `primary`
record SigningKey(
    PGPPublicKey primary, PGPPublicKey key, PGPSignature vouching, PGPSignature aboutPrimary) {
  /// Kinds of RSA keys that nobody makes any more (RFC 9580, section 9.1), but some still have.
  static final int RSA_ENCRYPT = 2;

  static final int RSA_SIGN = 3;

  private static final int FEWEST_RSA_BITS = 2048;

  /// Every key that is vouched for, of all blocks.
  ///
  /// @throws InvalidRequest when a block is not a key, or there is none
  static List<SigningKey> all(String armored) {
    List<SigningKey> keys = new ArrayList<>();
    List<Armor> blocks = Armor.blocks(armored);
    for (Armor block : blocks) {
      boolean secret = block.type().equals("PRIVATE KEY BLOCK");
      if (!secret && !block.type().equals("PUBLIC KEY BLOCK")) {
        throw new InvalidRequest("expected public or private key block, got: PGP " + block.type());
      }
      keys.addAll(
          PgpSignature.reading(
              "failed to read armored public key",
              () -> secret ? ofSecret(block) : ofPublic(block)));
    }
    if (blocks.isEmpty()) {
      throw new InvalidRequest("failed to read armored public key: no armored data found");
    }
    return keys;
  }

  private static List<SigningKey> ofPublic(Armor block) throws IOException, PGPException {
    List<SigningKey> keys = new ArrayList<>();
    for (PGPPublicKeyRing ring :
        new PGPPublicKeyRingCollection(block.body(), new BcKeyFingerprintCalculator())) {
      keys.addAll(of(ring.getPublicKeys()));
    }
    return keys;
  }

  private static List<SigningKey> ofSecret(Armor block) throws IOException, PGPException {
    List<SigningKey> keys = new ArrayList<>();
    for (PGPSecretKeyRing ring :
        new PGPSecretKeyRingCollection(block.body(), new BcKeyFingerprintCalculator())) {
      keys.addAll(of(ring.getPublicKeys()));
    }
    return keys;
  }

  private static List<SigningKey> of(Iterator<PGPPublicKey> ring) throws PGPException {
    List<SigningKey> keys = new ArrayList<>();
    PGPPublicKey primary = ring.next();
    Optional<PGPSignature> about = aboutPrimary(primary);
    if (about.isEmpty()) {
      return List.of();
    }
    keys.add(new SigningKey(primary, primary, about.get(), about.get()));
    while (ring.hasNext()) {
      PGPPublicKey subkey = ring.next();
      binding(primary, subkey)
          .ifPresent(vouching -> keys.add(new SigningKey(primary, subkey, vouching, about.get())));
    }
    return keys;
  }

  /// Certifications of the owner's names, or a signature over the key alone.
  private static Optional<PGPSignature> aboutPrimary(PGPPublicKey primary) throws PGPException {
    Optional<PGPSignature> newest = Optional.empty();
    for (Iterator<byte[]> names = primary.getRawUserIDs(); names.hasNext(); ) {
      byte[] name = names.next();
      for (Iterator<PGPSignature> made = primary.getSignaturesForID(name); made.hasNext(); ) {
        PGPSignature signature = made.next();
        if (signature.isCertification()
            && signature.getKeyID() == primary.getKeyID()
            && isByPrimary(signature, primary)
            && signature.verifyCertification(name, primary)) {
          newest = newer(newest, signature);
        }
      }
    }
    for (Iterator<PGPSignature> made = primary.getSignaturesOfType(PGPSignature.DIRECT_KEY);
        made.hasNext(); ) {
      PGPSignature signature = made.next();
      if (newest.isEmpty()
          && isByPrimary(signature, primary)
          && signature.verifyCertification(primary)) {
        newest = Optional.of(signature);
      }
    }
    return newest;
  }

  /// The owner's statement that a key is his, with the key's own that it agrees if it signs.
  private static Optional<PGPSignature> binding(PGPPublicKey primary, PGPPublicKey subkey)
      throws PGPException {
    Optional<PGPSignature> newest = Optional.empty();
    for (Iterator<PGPSignature> made = subkey.getSignaturesOfType(PGPSignature.SUBKEY_BINDING);
        made.hasNext(); ) {
      PGPSignature signature = made.next();
      if (isByPrimary(signature, primary)
          && signature.verifyCertification(primary, subkey)
          && (!signs(signature) || agrees(signature, primary, subkey))) {
        newest = newer(newest, signature);
      }
    }
    return newest;
  }

  private static boolean agrees(PGPSignature binding, PGPPublicKey primary, PGPPublicKey subkey)
      throws PGPException {
    for (PGPSignatureSubpacketVector facts :
        List.of(binding.getHashedSubPackets(), binding.getUnhashedSubPackets())) {
      for (PGPSignature back : facts.getEmbeddedSignatures()) {
        if (isBackBinding(back, primary, subkey)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isBackBinding(
      PGPSignature signature, PGPPublicKey primary, PGPPublicKey subkey) throws PGPException {
    if (signature.getSignatureType() != PGPSignature.PRIMARYKEY_BINDING) {
      return false;
    }
    signature.init(new BcPGPContentVerifierBuilderProvider(), subkey);
    return signature.verifyCertification(primary, subkey);
  }

  /// Prepares the check by the primary key; a signature of another algorithm is none of its.
  private static boolean isByPrimary(PGPSignature signature, PGPPublicKey primary)
      throws PGPException {
    if (signature.getKeyAlgorithm() != primary.getAlgorithm()) {
      return false;
    }
    signature.init(new BcPGPContentVerifierBuilderProvider(), primary);
    return true;
  }

  private static Optional<PGPSignature> newer(Optional<PGPSignature> one, PGPSignature other) {
    return one.filter(known -> known.getCreationTime().after(other.getCreationTime()))
        .or(() -> Optional.of(other));
  }

  private static boolean signs(PGPSignature statement) {
    PGPSignatureSubpacketVector facts = statement.getHashedSubPackets();
    return facts.hasSubpacket(SignatureSubpacketTags.KEY_FLAGS)
        && (facts.getKeyFlags() & KeyFlags.SIGN_DATA) != 0;
  }

  long id() {
    return key.getKeyID();
  }

  /// Its owner says that it is for signing.
  boolean maySign() {
    return signs(vouching);
  }

  Instant created() {
    return key.getCreationTime().toInstant();
  }

  /// It, or its owner's primary key.
  boolean expired(Instant at) {
    return isOver(primary, aboutPrimary, at) || isOver(key, vouching, at);
  }

  private static boolean isOver(PGPPublicKey key, PGPSignature statement, Instant at) {
    long lifetime = statement.getHashedSubPackets().getKeyExpirationTime();
    Date created = key.getCreationTime();
    return lifetime > 0 && at.isAfter(created.toInstant().plusSeconds(lifetime));
  }

  /// The reason given, perhaps empty, if its owner has revoked it or the primary key.
  Optional<String> revoked() {
    return PgpSignature.reading("failed to read key revocation", this::revocation);
  }

  private Optional<String> revocation() throws PGPException {
    for (Iterator<PGPSignature> made = primary.getSignaturesOfType(PGPSignature.KEY_REVOCATION);
        made.hasNext(); ) {
      PGPSignature signature = made.next();
      if (isByPrimary(signature, primary) && signature.verifyCertification(primary)) {
        return Optional.of(reason(signature));
      }
    }
    for (Iterator<PGPSignature> made = key.getSignaturesOfType(PGPSignature.SUBKEY_REVOCATION);
        made.hasNext(); ) {
      PGPSignature signature = made.next();
      if (isByPrimary(signature, primary) && signature.verifyCertification(primary, key)) {
        return Optional.of(reason(signature));
      }
    }
    return Optional.empty();
  }

  private static String reason(PGPSignature revocation) {
    RevocationReason reason = revocation.getHashedSubPackets().getRevocationReason();
    return reason == null ? "" : reason.getRevocationDescription();
  }

  /// @throws Denied when the primary key is too short to be trusted
  void requireStrong() {
    boolean rsa =
        switch (primary.getAlgorithm()) {
          case PublicKeyAlgorithmTags.RSA_GENERAL, RSA_SIGN, RSA_ENCRYPT -> true;
          default -> false;
        };
    if (rsa && primary.getBitStrength() < FEWEST_RSA_BITS) {
      throw new Denied("RSA key too short: " + primary.getBitStrength() + " bits");
    }
  }
}
