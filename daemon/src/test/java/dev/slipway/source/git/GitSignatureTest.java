package dev.slipway.source.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.source.signature.PgpSignature;
import dev.slipway.source.signature.PgpSignature.ExpiredKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// With objects of the recorded repository `signed.bundle`.
class GitSignatureTest {
  private static final String PLAIN = "44d41f5013675c81f431d4255deeeedea8ffcab0";
  private static final String PGP = "fcf8aab18b5a36d82884bae96276a25b83052a84";
  private static final String SSH_ED25519 = "ebdd1dc65f01e7fd45f60ff4f0330c3e81614af3";
  private static final String TAG_PLAIN = "83eadcc6fcab301bb4ea5dd1e69200128bf2105c";
  private static final String TAG_SSH = "c14d206cfdd94f904a69aaaefa0fba0fb2730851";
  private static final String TAG_PGP = "edab368b5be8b7301d52bc67f21e226ab278cd78";

  @ParameterizedTest
  @CsvSource({
    "fcf8aab18b5a36d82884bae96276a25b83052a84, pgp, rsa.pub",
    "ebdd1dc65f01e7fd45f60ff4f0330c3e81614af3, ssh-ed25519, ed25519.ssh.pub",
    "a62f78250090e33bda19d46f52233c20be14390c, ssh-ecdsa, ecdsa.ssh.pub",
    "993968cab1887c0ef48834197e78c8d07b345587, ssh-rsa, rsa.ssh.pub",
  })
  void aCommitSignedByTheKeyIsAccepted(String id, String commit, String key) {
    assertThatCode(() -> signature(key, Map.of()).require(commit(id, commit)))
        .doesNotThrowAnyException();
  }

  @Test
  void aCommitWithoutSignatureIsRefused() {
    assertThatThrownBy(() -> signature("rsa.pub", Map.of()).require(commit(PLAIN, "plain")))
        .isInstanceOf(Denied.class)
        .hasMessage("git object is not signed");
  }

  @Test
  void aKeyOfTheOtherKindIsRefusedInTheWordsThatClientsKnow() {
    assertThatThrownBy(() -> signature("rsa.ssh.pub", Map.of()).require(commit(PGP, "pgp")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("failed to read armored public key");
    assertThatThrownBy(
            () -> signature("rsa.pub", Map.of()).require(commit(SSH_ED25519, "ssh-ed25519")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("failed to parse ssh public key");
  }

  @Test
  void aSignedTagIsEnough() {
    assertThatCode(
            () -> signature("ed25519.ssh.pub", Map.of()).require(tag(TAG_SSH, "v-ssh", PGP, "pgp")))
        .doesNotThrowAnyException();
    assertThatCode(
            () ->
                signature("rsa.pub", Map.of("requiresignedtag", "true"))
                    .require(tag(TAG_PGP, "v-pgp", SSH_ED25519, "ssh-ed25519")))
        .doesNotThrowAnyException();
  }

  @Test
  void aSignedCommitIsEnoughUnderATagThatIsNot() {
    assertThatCode(() -> signature("rsa.pub", Map.of()).require(tag(TAG_SSH, "v-ssh", PGP, "pgp")))
        .doesNotThrowAnyException();
  }

  @Test
  void aTagThatMustBeSignedIsNotReplacedByItsCommit() {
    assertThatThrownBy(
            () ->
                signature("rsa.pub", Map.of("requiresignedtag", "true"))
                    .require(tag(TAG_SSH, "v-ssh", PGP, "pgp")))
        .hasMessageContaining("failed to parse ssh public key");
    assertThatThrownBy(
            () ->
                signature("rsa.pub", Map.of("requiresignedtag", "true"))
                    .require(commit(PGP, "pgp")))
        .isInstanceOf(Denied.class)
        .hasMessage("signed tag required but no signed tag found");
    assertThatThrownBy(
            () ->
                signature("rsa.pub", Map.of("requiresignedtag", "true"))
                    .require(tag(TAG_PLAIN, "v-plain", PLAIN, "plain")))
        .isInstanceOf(Denied.class)
        .hasMessage("git object is not signed");
  }

  @Test
  void aTagsSignatureThatIsIgnoredDoesNotCount() {
    assertThatThrownBy(
            () ->
                signature("ed25519.ssh.pub", Map.of("ignoresignedtag", "true"))
                    .require(tag(TAG_SSH, "v-ssh", PGP, "pgp")))
        .hasMessageContaining("failed to read armored public key");
  }

  @Test
  void objectsOfAnotherNameAreRefused() {
    assertThatThrownBy(() -> signature("rsa.pub", Map.of()).require(commit(PLAIN, "pgp")))
        .isInstanceOf(CorruptData.class)
        .hasMessage(
            "commit object checksum verification failed: checksum mismatch: expected "
                + PLAIN
                + ", got "
                + PGP);
    assertThatThrownBy(
            () ->
                signature("ed25519.ssh.pub", Map.of()).require(tag(TAG_PLAIN, "v-ssh", PGP, "pgp")))
        .isInstanceOf(CorruptData.class);
  }

  @Test
  void aChangedCommitIsRefusedWhateverItsName() throws IOException {
    byte[] raw =
        new String(bytes("pgp.commit"), StandardCharsets.ISO_8859_1)
            .replace("signed by OpenPGP", "signed by someone")
            .getBytes(StandardCharsets.ISO_8859_1);
    SignedObject changed = SignedObject.parse(SignedObject.Type.COMMIT, raw);

    assertThatThrownBy(
            () ->
                PgpSignature.parse(changed.signature())
                    .verify(
                        new ByteArrayInputStream(changed.signed()),
                        text("rsa.pub"),
                        ExpiredKeys.ACCEPTED))
        .isInstanceOf(Denied.class)
        .hasMessageContaining("invalid signature");
  }

  @Test
  void whatIsNoCommitIsRefused() {
    assertThatThrownBy(
            () -> SignedObject.parse(SignedObject.Type.COMMIT, "tree x\n\nhi".getBytes()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("missing author header");
  }

  @Test
  void withoutAttributesNoSignatureIsAsked() {
    assertThat(GitSignature.of(Map.of("git.checksum", "abc"))).isEmpty();
  }

  private static GitSignature signature(String key, Map<String, String> more) throws IOException {
    Map<String, String> attributes = new HashMap<>();
    attributes.put("git.sig.pubkey", text(key));
    more.forEach((name, value) -> attributes.put("git.sig." + name, value));
    return GitSignature.of(attributes).orElseThrow();
  }

  private static ResolvedSource.Git commit(String id, String name) throws IOException {
    return new ResolvedSource.Git(
        "refs/heads/" + name,
        id,
        Optional.empty(),
        Optional.of(bytes(name + ".commit")),
        Optional.empty());
  }

  private static ResolvedSource.Git tag(String id, String tag, String commitId, String commit)
      throws IOException {
    return new ResolvedSource.Git(
        "refs/tags/" + tag,
        id,
        Optional.of(commitId),
        Optional.of(bytes(commit + ".commit")),
        Optional.of(bytes(tag + ".tag")));
  }

  private static String text(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            GitSignatureTest.class.getResourceAsStream("/signatures/" + name), name)) {
      return in.readAllBytes();
    }
  }
}
