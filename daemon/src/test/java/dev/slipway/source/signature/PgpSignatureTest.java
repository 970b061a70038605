package dev.slipway.source.signature;

import static dev.slipway.source.signature.SignatureFixtures.bytes;
import static dev.slipway.source.signature.SignatureFixtures.text;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.source.signature.PgpSignature.ExpiredKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PgpSignatureTest {
  @ParameterizedTest
  @ValueSource(strings = {"rsa", "ed25519", "ecdsa"})
  void whatWasSignedByTheKeyIsAccepted(String key) {
    assertThatCode(() -> verify(key + ".content.asc", text(key + ".pub")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa", "ed25519", "ecdsa"})
  void anotherContentIsRefused(String key) {
    assertThatThrownBy(
            () ->
                PgpSignature.parse(text(key + ".content.asc"))
                    .verify(
                        new ByteArrayInputStream("a download that is sighed".getBytes()),
                        text(key + ".pub"),
                        ExpiredKeys.ACCEPTED))
        .isInstanceOf(Denied.class)
        .hasMessageContaining("openpgp: invalid signature");
  }

  @Test
  void aKeyThatIsNotGivenIsUnknown() {
    assertThatThrownBy(() -> verify("rsa.content.asc", text("ed25519.pub")))
        .isInstanceOf(Denied.class)
        .hasMessage("signature by 9C6F37E434D2A05C: openpgp: signature made by unknown entity");
  }

  @Test
  void anyOfSeveralKeysMayHaveSigned() {
    assertThatCode(
            () -> verify("rsa.content.asc", text("ed25519.pub") + "\nnotes\n" + text("rsa.pub")))
        .doesNotThrowAnyException();
  }

  @Test
  void aSignatureOfTextIsAcceptedToo() {
    assertThatCode(() -> verify("text.content.asc", text("rsa.pub"))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sha1    | rsa           | rejecting weak/unknown hash: SHA-1",
        "small   | small         | RSA key too short: 1024 bits",
        "revoked | revoked-since | key revoked",
        "future  | rsa           | signature creation time is in the future",
      })
  void whatIsWeakRevokedOrFromTheFutureIsRefused(String signature, String key, String reason) {
    assertThatThrownBy(() -> verify(signature + ".content.asc", text(key + ".pub")))
        .isInstanceOf(Denied.class)
        .hasMessageStartingWith(reason);
  }

  @Test
  void theSameKeyBeforeItsRevocationIsFine() {
    assertThatCode(() -> verify("revoked.content.asc", text("revoked.pub")))
        .doesNotThrowAnyException();
  }

  @Test
  void anExpiredKeyCountsUnlessTheBuildRejectsIt() {
    assertThatCode(() -> verify("expired.content.asc", text("expired.pub")))
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () -> verify("expired.content.asc", text("expired.pub"), ExpiredKeys.REJECTED))
        .isInstanceOf(Denied.class)
        .hasMessageContaining("key expired");
  }

  @Test
  void aSignatureThatHasExpiredCountsUnlessTheBuildRejectsIt() {
    assertThatCode(() -> verify("lapsed.content.asc", text("rsa.pub"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> verify("lapsed.content.asc", text("rsa.pub"), ExpiredKeys.REJECTED))
        .isInstanceOf(Denied.class)
        .hasMessageContaining("signature expired");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "ssh-ed25519 AAAA            | failed to read armored public key: no armored data found",
        "-----BEGIN PGP MESSAGE----- | expected public or private key block, got: PGP MESSAGE",
      })
  void whatIsNoKeyIsRefused(String key, String reason) {
    assertThatThrownBy(() -> verify("rsa.content.asc", key))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(reason);
  }

  @Test
  void whatIsNoSignatureIsRefused() {
    assertThatThrownBy(() -> PgpSignature.parse("nothing"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("failed to decode armored signature");
    assertThatThrownBy(() -> PgpSignature.parse(text("rsa.pub")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("no signature packet found");
  }

  /// The owner's statements are what makes a subkey count: rsa.pub signs with one.
  @Test
  void aSubkeyThatItsOwnerDoesNotVouchForIsUnknown() throws IOException {
    byte[] ring = Dearmored.bytes(text("rsa.pub"));
    // The last packet is the statement about the subkey; its last byte is part of its signature.
    ring[ring.length - 1] ^= 1;

    assertThatThrownBy(() -> verify("rsa.content.asc", Dearmored.armored(ring)))
        .isInstanceOf(Denied.class)
        .hasMessageContaining("signature made by unknown entity");
  }

  @Test
  void bytesThatSomebodyChangedNeverPassAndNeverThrowAnythingUnexpected() throws IOException {
    Random random = new Random(7);
    byte[] ring = Dearmored.bytes(text("rsa.pub"));
    for (int i = 0; i < 300; i++) {
      byte[] changed = ring.clone();
      for (int j = 0; j < 1 + i % 4; j++) {
        changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
      }
      String key = Dearmored.armored(changed);
      try {
        verify("ed25519.content.asc", key);
        throw new AssertionError("accepted a key that did not sign, round " + i);
      } catch (BuildFailure refused) {
        // As it should be.
      }
    }
  }

  private static void verify(String signature, String keys) throws IOException {
    verify(signature, keys, ExpiredKeys.ACCEPTED);
  }

  private static void verify(String signature, String keys, ExpiredKeys expired)
      throws IOException {
    PgpSignature.parse(text(signature))
        .verify(new ByteArrayInputStream(bytes("content")), keys, expired);
  }
}
