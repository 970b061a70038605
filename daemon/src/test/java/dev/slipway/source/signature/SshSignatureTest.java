package dev.slipway.source.signature;

import static dev.slipway.source.signature.SignatureFixtures.bytes;
import static dev.slipway.source.signature.SignatureFixtures.text;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import java.io.IOException;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SshSignatureTest {
  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "ecdsa", "rsa"})
  void whatWasSignedByTheKeyIsAccepted(String key) {
    assertThatCode(() -> verify(key, text(key + ".ssh.pub"))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "ecdsa", "rsa"})
  void anotherContentIsRefused(String key) {
    assertThatThrownBy(
            () ->
                SshSignature.parse(text(key + ".other.sig"))
                    .verify("something else".getBytes(), "other", text(key + ".ssh.pub")))
        .isInstanceOf(Denied.class)
        .hasMessage("failed to verify ssh signature: signature did not verify");
  }

  @Test
  void anotherKeyIsRefused() {
    assertThatThrownBy(() -> verify("ed25519", text("rsa.ssh.pub")))
        .isInstanceOf(Denied.class)
        .hasMessage("failed to verify ssh signature: public key does not match");
  }

  @Test
  void aSignatureForAnotherPurposeIsRefused() {
    assertThatThrownBy(
            () ->
                SshSignature.parse(text("rsa.other.sig"))
                    .verify(bytes("content"), "git", text("rsa.ssh.pub")))
        .isInstanceOf(Denied.class)
        .hasMessage("unexpected SSH signature namespace: \"other\"");
  }

  @Test
  void aKeyMayHaveOptionsCommentsAndRemarksAroundIt() throws IOException {
    String key =
        "# whose\n\nno-pty,command=\"a b\" " + text("ed25519.ssh.pub").strip() + " of someone\n";

    assertThatCode(() -> verify("ed25519", key)).doesNotThrowAnyException();
  }

  @Test
  void whatIsNoKeyIsRefused() {
    assertThatThrownBy(() -> verify("ed25519", "-----BEGIN PGP PUBLIC KEY BLOCK-----"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("failed to parse ssh public key: ssh: no key found");
  }

  @Test
  void whatIsNoSignatureIsRefused() {
    assertThatThrownBy(() -> SshSignature.parse("-----BEGIN SSH SIGNATURE-----\n"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("failed to decode ssh signature PEM block");
    assertThatThrownBy(() -> SshSignature.parse(armored(new byte[] {'S', 'S', 'H', 'S', 'I', 'G'})))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("failed to parse ssh signature");
    assertThatThrownBy(
            () ->
                SshSignature.parse(armored(new byte[] {'S', 'S', 'H', 'S', 'I', 'G', 0, 0, 0, 2})))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("unsupported signature version 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "ecdsa", "rsa"})
  void aSignatureThatSomebodyChangedNeverPassesAndNeverThrowsAnythingUnexpected(String key)
      throws IOException {
    Random random = new Random(11);
    byte[] blob =
        Base64.getMimeDecoder()
            .decode(text(key + ".other.sig").replaceAll("-----[A-Z ]+-----", "").strip());
    for (int i = 0; i < 300; i++) {
      byte[] changed = blob.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
      try {
        SshSignature.parse(armored(changed))
            .verify(bytes("content"), "other", text(key + ".ssh.pub"));
        throw new AssertionError("accepted a changed signature, round " + i);
      } catch (BuildFailure refused) {
        // As it should be.
      }
    }
  }

  private static String armored(byte[] blob) {
    return "-----BEGIN SSH SIGNATURE-----\n"
        + Base64.getEncoder().encodeToString(blob)
        + "\n-----END SSH SIGNATURE-----\n";
  }

  private static void verify(String signature, String key) throws IOException {
    SshSignature.parse(text(signature + ".other.sig")).verify(bytes("content"), "other", key);
  }
}
