package dev.slipway.client.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class KeyRingTest {
  private static final byte[] DATA = "what a server wants signed".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  @Test
  void keysAreListedWithTheirComments() throws IOException {
    OpenSshKey first = OpenSshKey.ed25519();
    OpenSshKey second = OpenSshKey.ecdsa(256);
    Path unnamed = file("b", second.file(""));

    SshReader list =
        new SshReader(answer(List.of(file("a", first.file("me@here")), unnamed), request(11)));

    assertThat(list.octet()).isEqualTo((byte) 12);
    assertThat(list.number()).isEqualTo(2);
    assertThat(list.bytes()).isEqualTo(first.blob());
    assertThat(list.text()).isEqualTo("me@here");
    assertThat(list.bytes()).isEqualTo(second.blob());
    assertThat(list.text()).isEqualTo(unnamed.toString());
  }

  @Test
  void anEd25519KeySigns() throws Exception {
    OpenSshKey key = OpenSshKey.ed25519();

    SshReader signature = signature(key, key.file(""), 0);

    assertThat(signature.text()).isEqualTo("ssh-ed25519");
    assertThat(isOf(key, "Ed25519", signature.bytes())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0, ssh-rsa, SHA1withRSA",
    "2, rsa-sha2-256, SHA256withRSA",
    "4, rsa-sha2-512, SHA512withRSA"
  })
  void anRsaKeySignsWithTheHashAskedFor(int flags, String name, String algorithm) throws Exception {
    OpenSshKey key = OpenSshKey.rsa();

    SshReader signature = signature(key, key.file(""), flags);

    assertThat(signature.text()).isEqualTo(name);
    assertThat(isOf(key, algorithm, signature.bytes())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"256, SHA256", "384, SHA384", "521, SHA512"})
  void anEcdsaKeySigns(int bits, String hash) throws Exception {
    OpenSshKey key = OpenSshKey.ecdsa(bits);

    SshReader signature = signature(key, key.file(""), 0);

    assertThat(signature.text()).isEqualTo("ecdsa-sha2-nistp" + bits);
    SshReader numbers = new SshReader(signature.bytes());
    int length = (bits + 7) / 8;
    byte[] both = new byte[2 * length];
    put(numbers.integer(), both, 0, length);
    put(numbers.integer(), both, length, length);
    assertThat(isOf(key, hash + "withECDSAinP1363Format", both)).isTrue();
  }

  private static void put(BigInteger value, byte[] into, int at, int length) {
    byte[] bytes = value.toByteArray();
    int from = Math.max(0, bytes.length - length);
    System.arraycopy(bytes, from, into, at + length - (bytes.length - from), bytes.length - from);
  }

  /// As `ssh-keygen -m PEM` and `openssl genrsa` write it.
  @ParameterizedTest
  @MethodSource("plainForms")
  void anRsaKeyMayBeInPlainForms(String kind, int skipped) throws Exception {
    OpenSshKey key = OpenSshKey.rsa();
    byte[] pkcs8 = key.pair().getPrivate().getEncoded();
    byte[] inner = Arrays.copyOfRange(pkcs8, skipped, pkcs8.length);
    String text =
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(inner));

    SshReader signature = signature(key, text, 2);

    assertThat(signature.text()).isEqualTo("rsa-sha2-256");
    assertThat(isOf(key, "SHA256withRSA", signature.bytes())).isTrue();
  }

  /// The inner form begins behind the outer one's version, algorithm and lengths.
  static Stream<org.junit.jupiter.params.provider.Arguments> plainForms() {
    return Stream.of(
        org.junit.jupiter.params.provider.Arguments.of("PRIVATE KEY", 0),
        org.junit.jupiter.params.provider.Arguments.of("RSA PRIVATE KEY", 26));
  }

  /// The keys were made for this test by `openssl`, what is public of them by `ssh-keygen -y`; they
  /// open nothing.
  @ParameterizedTest
  @CsvSource({
    "ec256-sec1, secp256r1, EC, SHA256withECDSAinP1363Format",
    "ec384-pkcs8, secp384r1, EC, SHA384withECDSAinP1363Format",
    "ec521-sec1, secp521r1, EC, SHA512withECDSAinP1363Format",
    "ed25519-pkcs8, '', Ed25519, Ed25519",
    "rsa-pkcs1, '', RSA, SHA512withRSA",
    "rsa-pkcs8, '', RSA, SHA512withRSA"
  })
  void keysOfOtherToolsAreKnownAsSshKnowsThem(
      String name, String curve, String kind, String algorithm) throws Exception {
    Path file = resource(name + ".pem");
    byte[] known =
        Base64.getDecoder().decode(Files.readString(resource(name + ".pub")).strip().split(" ")[1]);

    SshReader list = new SshReader(answer(List.of(file), request(11)));
    list.octet();
    list.number();
    assertThat(list.bytes()).isEqualTo(known);
    assertThat(list.text()).isEqualTo(file.toString());

    byte[] asked = new SshWriter().octet((byte) 13).bytes(known).bytes(DATA).number(4).written();
    SshReader answer = new SshReader(answer(List.of(file), asked));
    assertThat(answer.octet()).isEqualTo((byte) 14);
    SshReader signature = new SshReader(answer.bytes());
    signature.text();
    Signature check = Signature.getInstance(algorithm);
    check.initVerify(SshPublicKey.decode(known, kind, curve));
    check.update(DATA);
    byte[] signed = signature.bytes();
    assertThat(check.verify(kind.equals("EC") ? SshPublicKey.joined(signed, curve) : signed))
        .isTrue();
  }

  private static Path resource(String name) throws Exception {
    return Path.of(KeyRingTest.class.getResource("/ssh-keys/" + name).toURI());
  }

  @Test
  void aKeyThatIsNotThereSignsNothingAndNothingElseIsDone() throws IOException {
    Path file = file("key", OpenSshKey.ed25519().file(""));
    byte[] another =
        new SshWriter()
            .octet((byte) 13)
            .bytes(OpenSshKey.ed25519().blob())
            .bytes(DATA)
            .number(0)
            .written();

    assertThat(answer(List.of(file), another)).containsExactly(5);
    assertThat(answer(List.of(file), request(19))).as("remove all keys").containsExactly(5);
    assertThat(answer(List.of(file), request(13))).as("cut short").containsExactly(5);
    assertThat(answer(List.of(file), new byte[0])).as("nothing").containsExactly(5);
  }

  @Test
  void aProtectedKeyIsRefusedWithAWayOut() throws IOException {
    Path own = file("own", OpenSshKey.ed25519().file("", "aes256-ctr"));
    Path old =
        file(
            "old",
            """
            -----BEGIN RSA PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,00

            AAAA
            -----END RSA PRIVATE KEY-----
            """);
    Path other =
        file(
            "other",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");

    for (Path each : List.of(own, old, other)) {
      assertThatThrownBy(() -> KeyRing.of(List.of(each)))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("failed to parse " + each)
          .hasMessageContaining("this private key is passphrase protected")
          .hasMessageContaining("ssh-add");
    }
  }

  @Test
  void whatIsNoKeyIsRefused() throws IOException {
    Path text = file("text", "no key at all");
    Path cut =
        file(
            "cut",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5v\n-----END OPENSSH"
                + " PRIVATE KEY-----\n");
    Path old =
        file("old", "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n");
    Path curve =
        file("curve", "-----BEGIN EC PRIVATE KEY-----\nMAIC\n-----END EC PRIVATE KEY-----\n");
    // X25519, which does not sign
    Path exchange =
        file(
            "exchange",
            """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VuBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            -----END PRIVATE KEY-----
            """);

    assertThatThrownBy(() -> KeyRing.of(List.of(text))).hasMessageContaining("ssh: no key found");
    assertThatThrownBy(() -> KeyRing.of(List.of(cut)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("failed to parse " + cut);
    assertThatThrownBy(() -> KeyRing.of(List.of(old))).hasMessageContaining("ssh-keygen -p");
    assertThatThrownBy(() -> KeyRing.of(List.of(curve)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("failed to parse " + curve + ": ssh: malformed private key");
    assertThatThrownBy(() -> KeyRing.of(List.of(exchange)))
        .hasMessageContaining("ssh: unhandled key type: want ed25519, rsa or ecdsa");
    assertThatThrownBy(() -> KeyRing.of(List.of(folder.resolve("absent"))))
        .isInstanceOf(NotFound.class);
  }

  private SshReader signature(OpenSshKey key, String file, int flags) throws IOException {
    byte[] request =
        new SshWriter().octet((byte) 13).bytes(key.blob()).bytes(DATA).number(flags).written();
    SshReader answer = new SshReader(answer(List.of(file("key", file)), request));
    assertThat(answer.octet()).isEqualTo((byte) 14);
    return new SshReader(answer.bytes());
  }

  private static boolean isOf(OpenSshKey key, String algorithm, byte[] signature)
      throws GeneralSecurityException {
    Signature check = Signature.getInstance(algorithm);
    check.initVerify(key.pair().getPublic());
    check.update(DATA);
    return check.verify(signature);
  }

  private static byte[] answer(List<Path> files, byte[] request) throws IOException {
    try (Agent.Connection connection = KeyRing.of(files).connect()) {
      return connection.answer(request);
    }
  }

  private static byte[] request(int kind) {
    return new byte[] {(byte) kind};
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
