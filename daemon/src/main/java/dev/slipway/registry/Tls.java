package dev.slipway.registry;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.registry.RegistryConfig.HostConfig;
import dev.slipway.registry.RegistryConfig.KeyPair;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/// TLS as the operator configured it for a host.
final class Tls {
  private static final char[] NO_PASSWORD = new char[0];

  private Tls() {}

  /// @throws InvalidRequest a configured file cannot be used
  static SSLContext contextFor(HostConfig host) {
    try {
      List<Path> authorities = new ArrayList<>(host.ca());
      List<KeyPair> keyPairs = new ArrayList<>(host.keyPairs());
      for (Path folder : host.certificateFolders()) {
        for (Path file : files(folder)) {
          String name = file.getFileName().toString();
          if (name.endsWith(".crt")) {
            authorities.add(file);
          } else if (name.endsWith(".cert")) {
            keyPairs.add(new KeyPair(file.resolveSibling(name.replaceFirst("cert$", "key")), file));
          }
        }
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          keyManagers(keyPairs),
          host.insecure() ? new TrustManager[] {new TrustAll()} : trustManagers(authorities),
          null);
      return context;
    } catch (GeneralSecurityException | IOException bad) {
      throw new InvalidRequest("registry TLS configuration: " + bad.getMessage(), bad);
    }
  }

  /// In order of their names; none where there is no such folder, or none that may be read.
  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (NoSuchFileException | AccessDeniedException none) {
      return List.of();
    }
  }

  private static KeyManager[] keyManagers(List<KeyPair> pairs)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    for (KeyPair pair : pairs) {
      Certificate[] chain = certificates(pair.certificate()).toArray(new Certificate[0]);
      store.setKeyEntry(
          pair.certificate().toString(),
          PrivateKeyFile.read(pair.key(), chain[0]),
          NO_PASSWORD,
          chain);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static TrustManager[] trustManagers(List<Path> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    TrustManagerFactory system =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    system.init((KeyStore) null);
    int number = 0;
    for (TrustManager manager : system.getTrustManagers()) {
      if (manager instanceof X509TrustManager trusting) {
        for (X509Certificate certificate : trusting.getAcceptedIssuers()) {
          store.setCertificateEntry("system-" + number++, certificate);
        }
      }
    }
    for (Path file : authorities) {
      for (Certificate certificate : certificates(file)) {
        store.setCertificateEntry("own-" + number++, certificate);
      }
    }
    TrustManagerFactory both =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    both.init(store);
    return both.getTrustManagers();
  }

  private static List<Certificate> certificates(Path file)
      throws GeneralSecurityException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      List<Certificate> all =
          new ArrayList<>(CertificateFactory.getInstance("X.509").generateCertificates(in));
      if (all.isEmpty()) {
        throw new IOException("no certificate in " + file);
      }
      return all;
    }
  }

  /// For hosts that the operator calls insecure.
  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
