package dev.slipway.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Certificates for TLS on this machine, from an authority that no system trusts.
///
/// @param folder holds `authority.crt`, `client.cert`, `client.key` for who reads folders as Docker
///   does
/// @param serverFolder holds what a server needs
record TestCertificates(Path folder, Path serverFolder) {
  /// @param below becomes a folder
  static TestCertificates unpack(Path below) {
    TestCertificates certificates =
        new TestCertificates(below.resolve("client"), below.resolve("server"));
    try {
      for (Path each : List.of(certificates.folder, certificates.serverFolder)) {
        Files.createDirectories(each);
      }
      copy("ca", certificates.authority());
      copy("client", certificates.client());
      copy("client-key", certificates.clientKey());
      copy("server", certificates.server());
      copy("server-key", certificates.serverKey());
      return certificates;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(String name, Path to) throws IOException {
    try (InputStream in = TestCertificates.class.getResourceAsStream("/rpc/tls/" + name + ".pem")) {
      Files.copy(Optional.ofNullable(in).orElseThrow(), to);
    }
  }

  Path authority() {
    return folder.resolve("authority.crt");
  }

  Path client() {
    return folder.resolve("client.cert");
  }

  Path clientKey() {
    return folder.resolve("client.key");
  }

  Path server() {
    return serverFolder.resolve("server.pem");
  }

  Path serverKey() {
    return serverFolder.resolve("server-key.pem");
  }
}
