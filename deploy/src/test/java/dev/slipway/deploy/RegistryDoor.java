package dev.slipway.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Whom a registry lets in, and over which connections.
///
/// @param passwords lines of an `htpasswd` file; empty: none are asked for
/// @param tokens who sells the tokens it asks for
/// @param certificates what it speaks TLS with; empty: plain HTTP
/// @param knownClientsOnly clients have to show a certificate, too
record RegistryDoor(
    Optional<String> passwords,
    Optional<TokenServer> tokens,
    Optional<TestCertificates> certificates,
    boolean knownClientsOnly) {
  static final RegistryDoor OPEN =
      new RegistryDoor(Optional.empty(), Optional.empty(), Optional.empty(), false);

  /// @param bcrypt the password as `htpasswd -B` writes it
  static RegistryDoor withPassword(String user, String bcrypt) {
    return new RegistryDoor(
        Optional.of(user + ":" + bcrypt + "\n"), Optional.empty(), Optional.empty(), false);
  }

  static RegistryDoor withTokens(TokenServer server) {
    return new RegistryDoor(Optional.empty(), Optional.of(server), Optional.empty(), false);
  }

  RegistryDoor overTls(TestCertificates with) {
    return new RegistryDoor(passwords, tokens, Optional.of(with), knownClientsOnly);
  }

  RegistryDoor forKnownClientsOnly() {
    return new RegistryDoor(passwords, tokens, certificates, true);
  }

  /// `docker-registry`'s words for it, inside the braces of `tls`.
  String tls() {
    return certificates
        .map(
            files ->
                "certificate: %s, key: %s".formatted(files.server(), files.serverKey())
                    + (knownClientsOnly ? ", clientcas: [%s]".formatted(files.authority()) : ""))
        .orElse("");
  }

  /// The same inside the braces of `auth`.
  ///
  /// @param folder for files that it names
  String auth(Path folder) throws IOException {
    if (tokens.isPresent()) {
      return tokens.get().registrySettings();
    }
    if (passwords.isPresent()) {
      Path file = Files.writeString(folder.resolve("htpasswd"), passwords.get());
      return "htpasswd: {realm: test, path: %s}".formatted(file);
    }
    return "";
  }
}
