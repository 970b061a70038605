package dev.slipway.source.git;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.source.git.SignedObject.Type;
import dev.slipway.source.signature.PgpSignature;
import dev.slipway.source.signature.PgpSignature.ExpiredKeys;
import dev.slipway.source.signature.SshSignature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// Who must have signed a commit, or the tag that it was found by (attributes `git.sig.…`;
/// source/git/source.go, `verifyGitSignature`).
///
/// @param publicKey armored OpenPGP keys, or one SSH key
record GitSignature(String publicKey, ExpiredKeys expired, Tags tags) {
  private static final String PREFIX = "git.sig.";

  /// How much the signature of an annotated tag counts.
  enum Tags {
    /// As much as the commit's: one of them must be good.
    ENOUGH,
    REQUIRED,
    IGNORED,
    /// Required and ignored: nothing can be good.
    CONTRADICTORY
  }

  /// Empty when the build asks for no signature.
  static Optional<GitSignature> of(Map<String, String> attributes) {
    if (attributes.keySet().stream().noneMatch(name -> name.startsWith(PREFIX))) {
      return Optional.empty();
    }
    boolean required = isTrue(attributes, "requiresignedtag");
    boolean ignored = isTrue(attributes, "ignoresignedtag");
    return Optional.of(
        new GitSignature(
            attributes.getOrDefault(PREFIX + "pubkey", ""),
            isTrue(attributes, "rejectexpired") ? ExpiredKeys.REJECTED : ExpiredKeys.ACCEPTED,
            required
                ? ignored ? Tags.CONTRADICTORY : Tags.REQUIRED
                : ignored ? Tags.IGNORED : Tags.ENOUGH));
  }

  private static boolean isTrue(Map<String, String> attributes, String name) {
    return attributes.getOrDefault(PREFIX + name, "").equals("true");
  }

  /// @param resolved with its objects
  /// @throws BuildFailure when it is not signed as it must be, with the reason
  void require(ResolvedSource.Git resolved) {
    Optional<BuildFailure> ofTag = Optional.empty();
    if (resolved.tagObject().isPresent() && (tags == Tags.ENOUGH || tags == Tags.REQUIRED)) {
      SignedObject tag = SignedObject.parse(Type.TAG, resolved.tagObject().get());
      tag.requireId(resolved.checksum());
      try {
        requireSigned(tag);
        return;
      } catch (Denied | InvalidRequest failure) {
        ofTag = Optional.of(failure);
      }
    }
    if (tags == Tags.REQUIRED || tags == Tags.CONTRADICTORY) {
      throw ofTag.orElseGet(() -> new Denied("signed tag required but no signed tag found"));
    }
    SignedObject commit = SignedObject.parse(Type.COMMIT, resolved.commitObject().orElseThrow());
    commit.requireId(resolved.commitChecksum().orElse(resolved.checksum()));
    requireSigned(commit);
  }

  private void requireSigned(SignedObject object) {
    String signature = object.signature();
    if (signature.isEmpty()) {
      throw new Denied("git object is not signed");
    }
    if (signature.startsWith("-----BEGIN SSH SIGNATURE-----")) {
      SshSignature.parse(signature).verify(object.signed(), "git", publicKey);
    } else if (signature.startsWith("-----BEGIN PGP SIGNATURE-----")) {
      try {
        PgpSignature.parse(signature)
            .verify(new ByteArrayInputStream(object.signed()), publicKey, expired);
      } catch (IOException impossible) {
        throw new IllegalStateException("bytes in memory cannot be read", impossible);
      }
    } else {
      throw new Denied("invalid signature format");
    }
  }
}
