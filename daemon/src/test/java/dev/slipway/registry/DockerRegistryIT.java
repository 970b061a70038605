package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.image.testing.GoldenImages;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.OciJson;
import dev.slipway.registry.testing.DistributionContract;
import dev.slipway.task.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The contract and the client against the registry that most people run: Debian's
/// `docker-registry`, found in `slipway.test.registry` or on the path.
@Timeout(60)
class DockerRegistryIT extends DistributionContract {
  private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");

  private final InMemoryContentStore store = new InMemoryContentStore();
  private final RegistryClient client = RegistryClient.open(RegistryConfig.DEFAULT, Clock.system());

  @TempDir Path folder;
  private Process registry;
  private int port;

  @BeforeEach
  void start() throws IOException {
    Optional<Path> program = program();
    Assumptions.assumeTrue(program.isPresent(), "docker-registry is not installed");
    Path config = folder.resolve("config.yml");
    Files.writeString(
        config,
        "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: "
            + folder.resolve("store")
            + "\nhttp:\n  addr: 127.0.0.1:0\n");
    registry =
        new ProcessBuilder(program.get().toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader log =
        new BufferedReader(
            new InputStreamReader(registry.getInputStream(), StandardCharsets.UTF_8));
    Matcher listening = LISTENING.matcher("");
    while (!listening.find()) {
      listening.reset(
          Optional.ofNullable(log.readLine())
              .orElseThrow(() -> new AssertionError("the registry has ended")));
    }
    port = Integer.parseInt(listening.group(1));
    Thread.ofVirtual().start(() -> log.lines().forEach(_ -> {}));
  }

  @Override
  protected URI base() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @AfterEach
  void stop() throws InterruptedException {
    client.close();
    if (registry != null) {
      registry.destroy();
      registry.waitFor();
    }
  }

  @Test
  void anIndexWithItsPartsGoesThereAndComesBack() {
    ImageReference name = ImageReference.parse("127.0.0.1:" + port + "/team/multi:v1");
    pushGolden(name);

    Descriptor resolved = client.resolver().resolve(name, CredentialSource.none());
    byte[] index = client.fetcher().document(name, resolved, CredentialSource.none());

    assertThat(resolved.digest()).isEqualTo(GoldenImages.GOLDMULTI);
    assertThat(OciJson.index(index).manifests()).hasSize(2);
    for (Descriptor manifest : OciJson.index(index).manifests()) {
      Descriptor layer =
          OciJson.manifest(client.fetcher().document(name, manifest, CredentialSource.none()))
              .layers()
              .getFirst();
      try (InMemoryContentStore fresh = new InMemoryContentStore()) {
        client.fetcher().blob(name, layer, CredentialSource.none(), fresh, _ -> {});
        assertThat(fresh.find(layer.digest())).isPresent();
      }
    }
  }

  @Test
  void blobsAreMountedFromAnotherRepository() {
    byte[] bytes = new byte[3_000_000];
    new Random(9).nextBytes(bytes);
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, store.put(bytes), bytes.length);
    ImageReference first = ImageReference.parse("127.0.0.1:" + port + "/one");
    ImageReference second = ImageReference.parse("127.0.0.1:" + port + "/two");
    Pusher.Content content = new Pusher.Content(store, _ -> {});

    assertThat(
            client.pusher().blob(first, blob, Optional.empty(), CredentialSource.none(), content))
        .isEqualTo(Pusher.Outcome.SENT);
    assertThat(
            client
                .pusher()
                .blob(second, blob, Optional.of(first), CredentialSource.none(), content))
        .isEqualTo(Pusher.Outcome.MOUNTED);
    assertThat(
            client.pusher().blob(second, blob, Optional.empty(), CredentialSource.none(), content))
        .isEqualTo(Pusher.Outcome.THERE_ALREADY);
  }

  private void pushGolden(ImageReference name) {
    Map<String, byte[]> blobs = GoldenImages.blobs();
    blobs.values().forEach(store::put);
    for (byte[] bytes : blobs.values()) {
      Descriptor blob = new Descriptor(MediaType.OCI_LAYER, Digest.ofBytes(bytes), bytes.length);
      client
          .pusher()
          .blob(
              name,
              blob,
              Optional.empty(),
              CredentialSource.none(),
              new Pusher.Content(store, _ -> {}));
    }
    byte[] index = blobs.get(GoldenImages.GOLDMULTI.hex());
    for (Descriptor manifest : OciJson.index(index).manifests()) {
      client
          .pusher()
          .manifest(
              name.withoutTag(),
              manifest,
              blobs.get(manifest.digest().hex()),
              CredentialSource.none());
    }
    client
        .pusher()
        .manifest(
            name,
            new Descriptor(MediaType.OCI_INDEX, GoldenImages.GOLDMULTI, index.length),
            index,
            CredentialSource.none());
  }

  private static Optional<Path> program() {
    String path = System.getProperty("slipway.test.registry", "");
    if (!path.isEmpty()) {
      return Optional.of(Path.of(path)).filter(Files::isExecutable);
    }
    return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
        .map(directory -> Path.of(directory, "docker-registry"))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
