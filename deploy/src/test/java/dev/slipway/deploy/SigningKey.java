package dev.slipway.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// An RSA key that was made for this run, with a certificate that it signed itself.
final class SigningKey {
  private static final String NAME = "signing";
  private static final String PASSWORD = "only-for-this-run";

  private final PrivateKey key;
  private final byte[] certificate;

  private SigningKey(PrivateKey key, byte[] certificate) {
    this.key = key;
    this.certificate = certificate;
  }

  /// Has the JDK's `keytool` make one.
  ///
  /// @param folder for files on the way
  static SigningKey make(Path folder) {
    Path store = folder.resolve(NAME + ".p12");
    new Tool(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()),
            Map.of(),
            folder,
            Duration.ofMinutes(1))
        .succeed(
            "-genkeypair",
            "-alias",
            NAME,
            "-keyalg",
            "RSA",
            "-keysize",
            "2048",
            "-dname",
            "CN=" + NAME,
            "-validity",
            "7",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            PASSWORD);
    try {
      KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
      Certificate certificate = keys.getCertificate(NAME);
      PrivateKey key = (PrivateKey) keys.getKey(NAME, PASSWORD.toCharArray());
      Files.delete(store);
      return new SigningKey(key, certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The certificate in DER, as base64 on one line.
  String certificate() {
    return Base64.getEncoder().encodeToString(certificate);
  }

  /// The certificate as files have it.
  String pem() {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate)
        + "\n-----END CERTIFICATE-----\n";
  }

  /// @return the signature with SHA-256
  byte[] sign(byte[] data) {
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(data);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
