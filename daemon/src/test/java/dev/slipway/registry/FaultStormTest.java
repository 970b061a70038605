package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.registry.testing.InProcessRegistry.Fault;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// A registry at which everything goes wrong now and then: no transfer fails that could succeed,
/// and nothing is ever kept that is not what its digest says.
class FaultStormTest {
  private static final int TRANSFERS = 200;
  private static final long SEED = 20_261_127;

  private final Random random = new Random(SEED);
  private final CountDownLatch never = new CountDownLatch(1);

  @Test
  void everyTransferArrivesWhole() throws IOException {
    try (InProcessRegistry registry = InProcessRegistry.start();
        RegistryClient client =
            RegistryClient.open(RegistryConfig.DEFAULT, new Hurried(), Duration.ofMillis(500))) {
      for (int i = 0; i < TRANSFERS; i++) {
        byte[] content = new byte[random.nextInt(300_000) + 2];
        random.nextBytes(content);
        transfer(registry, client, content, "seed " + SEED + ", transfer " + i);
      }
    }
  }

  private void transfer(
      InProcessRegistry registry, RegistryClient client, byte[] content, String which)
      throws IOException {
    try (InMemoryContentStore here = new InMemoryContentStore();
        InMemoryContentStore there = new InMemoryContentStore()) {
      Digest digest = here.put(content);
      Descriptor blob = new Descriptor(MediaType.OCI_LAYER, digest, content.length);
      byte[] manifest = ("{\"of\":\"" + digest + "\"}").getBytes(StandardCharsets.UTF_8);
      Descriptor root =
          new Descriptor(MediaType.OCI_MANIFEST, Digest.ofBytes(manifest), manifest.length);
      trouble().forEach(registry::next);

      client
          .pusher()
          .blob(
              registry.name("a"),
              blob,
              Optional.empty(),
              CredentialSource.none(),
              new Pusher.Content(here, _ -> {}));
      client.pusher().manifest(registry.name("a:v1"), root, manifest, CredentialSource.none());
      client.fetcher().blob(registry.name("a"), blob, CredentialSource.none(), there, _ -> {});

      assertThat(registry.blob("a", digest)).as(which).contains(content);
      assertThat(client.resolver().resolve(registry.name("a:v1"), CredentialSource.none()).digest())
          .as(which)
          .isEqualTo(root.digest());
      assertThat(client.fetcher().document(registry.name("a"), root, CredentialSource.none()))
          .as(which)
          .isEqualTo(manifest);
      try (var in = Channels.newInputStream(there.open(digest))) {
        assertThat(in.readAllBytes()).as(which).isEqualTo(content);
      }
    }
  }

  /// One fault of each of two kinds of request.
  private List<Fault> trouble() {
    List<Fault> up =
        List.of(
            status("^POST ", 429),
            status("^POST ", 500),
            status("^PUT .*/blobs/", 503),
            status("^HEAD .*/blobs/", 502),
            status("^PUT .*/manifests/", 500),
            new Fault.Drop("^PUT .*/blobs/", random.nextInt(200_000)),
            new Fault.Drop("^PUT .*/blobs/", 0));
    List<Fault> down =
        List.of(
            status("^GET .*/blobs/", 503),
            status("^GET .*/blobs/", 429),
            status("^HEAD .*/manifests/", 500),
            new Fault.Cut("^GET .*/blobs/", random.nextInt(100_000)),
            new Fault.OtherBytes("^GET .*/blobs/"),
            new Fault.OtherBytes("^GET .*/manifests/sha256"),
            new Fault.Stall("^GET .*/blobs/", 1, never));
    return List.of(
        up.get(random.nextInt(up.size())),
        // A stall takes the client's whole patience: one in a few will do.
        down.get(random.nextInt(random.nextInt(4) == 0 ? down.size() : down.size() - 1)));
  }

  private static Fault status(String pattern, int status) {
    return new Fault.Status(pattern, status, Map.of("Retry-After", "1"), "");
  }

  /// Nobody waits.
  private static final class Hurried implements Clock {
    @Override
    public Instant now() {
      return Instant.ofEpochSecond(1_700_000_000L);
    }

    @Override
    public void sleep(Duration duration) {}
  }
}
