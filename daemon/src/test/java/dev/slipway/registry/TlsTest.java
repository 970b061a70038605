package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.MediaType;
import dev.slipway.registry.RegistryConfig.HostConfig;
import dev.slipway.registry.RegistryConfig.KeyPair;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// At a registry whose certificate no system trusts, and that lets nobody in without one.
class TlsTest {
  private static final byte[] MANIFEST = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private InProcessRegistry registry;

  @BeforeEach
  void start() throws IOException {
    registry = InProcessRegistry.startForKnownClients();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  void theCertificatesThatAreNamedAreTrustedAndShown() throws URISyntaxException {
    assertResolves(
        host(List.of(pem("ca")), List.of(new KeyPair(pem("client-key"), pem("client")))));
  }

  @Test
  void foldersHoldThemAsDockersDo() throws IOException, URISyntaxException {
    Files.copy(pem("ca"), folder.resolve("authority.crt"));
    Files.copy(pem("client"), folder.resolve("client.cert"));
    Files.copy(pem("client-key"), folder.resolve("client.key"));

    assertResolves(inFolders(List.of(folder.resolve("not-there"), folder)));
  }

  @Test
  void nothingIsTrustedThatNobodyNamed() throws IOException {
    assertThatThrownBy(() -> resolve(inFolders(List.of(folder))))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("certification path");
    Files.createFile(folder.resolve("empty.crt"));
    assertThatThrownBy(() -> resolve(inFolders(List.of(folder))))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("empty.crt");
  }

  @Test
  void aCertificateWithoutItsKeyIsNamed() throws IOException, URISyntaxException {
    Files.copy(pem("client"), folder.resolve("client.cert"));

    assertThatThrownBy(() -> resolve(inFolders(List.of(folder))))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("client.key");
  }

  @Test
  void whoShowsNoCertificateIsNotLetIn() throws URISyntaxException {
    HostConfig silent = host(List.of(pem("ca")), List.of());

    assertThatThrownBy(() -> resolve(silent)).isInstanceOf(Unavailable.class);
    assertThat(registry.requests()).isEmpty();
  }

  private void assertResolves(HostConfig host) {
    Descriptor added =
        registry.addManifest("a", Optional.of("latest"), MediaType.OCI_MANIFEST, MANIFEST);

    assertThat(resolve(host)).isEqualTo(added);
  }

  private Descriptor resolve(HostConfig host) {
    RegistryConfig config = new RegistryConfig(Map.of(registry.host(), host), 4);
    try (RegistryClient client = RegistryClient.open(config, Clock.system())) {
      return client
          .resolver()
          .resolve(ImageReference.parse(registry.host() + "/a"), CredentialSource.none());
    }
  }

  private static HostConfig host(List<Path> authorities, List<KeyPair> keyPairs) {
    return new HostConfig(List.of(), Optional.of(false), false, authorities, keyPairs, List.of());
  }

  private static HostConfig inFolders(List<Path> folders) {
    return new HostConfig(List.of(), Optional.of(false), false, List.of(), List.of(), folders);
  }

  private static Path pem(String name) throws URISyntaxException {
    return Path.of(TlsTest.class.getResource("/rpc/tls/" + name + ".pem").toURI());
  }
}
