package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The keys were made for these tests by `openssl`; they open nothing.
class PrivateKeyFileTest {
  @ParameterizedTest
  @CsvSource({
    "ec-sec1.pem, ec-cert.pem, SHA256withECDSA",
    "ec-pkcs8.pem, ec-cert.pem, SHA256withECDSA",
    "ec-sec1-with-parameters.pem, ec-with-parameters-cert.pem, SHA256withECDSA",
    "ed25519-pkcs8.pem, ed25519-cert.pem, Ed25519",
    "rsa-pkcs1.pem, rsa-cert.pem, SHA256withRSA",
    "rsa-pkcs8.pem, rsa-cert.pem, SHA256withRSA"
  })
  void aKeyOfAnyFormSignsForItsCertificate(String key, String certificate, String algorithm)
      throws GeneralSecurityException, IOException, URISyntaxException {
    Certificate shown = certificate(certificate);
    PrivateKey read = PrivateKeyFile.read(file(key), shown);

    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(read);
    signing.update((byte) 1);
    byte[] signed = signing.sign();
    Signature checking = Signature.getInstance(algorithm);
    checking.initVerify(shown.getPublicKey());
    checking.update((byte) 1);
    assertThat(checking.verify(signed)).isTrue();
  }

  @Test
  void anEncryptedKeyIsNamedAsTheReason(@TempDir Path folder)
      throws GeneralSecurityException, IOException, URISyntaxException {
    Path encrypted = folder.resolve("key.pem");
    Files.writeString(
        encrypted,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    Certificate certificate = certificate("ec-cert.pem");

    assertThatThrownBy(() -> PrivateKeyFile.read(encrypted, certificate))
        .hasMessageContaining("holds no unencrypted private key");
  }

  private static Path file(String name) throws URISyntaxException {
    return Path.of(PrivateKeyFileTest.class.getResource("/registry-keys/" + name).toURI());
  }

  private static Certificate certificate(String name)
      throws GeneralSecurityException, IOException, URISyntaxException {
    try (InputStream in = Files.newInputStream(file(name))) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}
