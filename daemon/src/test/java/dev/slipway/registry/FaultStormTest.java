package dev.slipway.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.Ingest;
import dev.slipway.content.IngestReader;
import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.MediaType;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.registry.testing.InProcessRegistry.Fault;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
            RegistryClient.open(RegistryConfig.DEFAULT, new Hurried(), Duration.ofMillis(1500))) {
      registry.requireLogin(new InProcessRegistry.Login("me", "pass", true));
      for (int i = 0; i < TRANSFERS; i++) {
        byte[] content = new byte[random.nextInt(300_000) + 2];
        random.nextBytes(content);
        transfer(registry, client, content, "seed " + SEED + ", transfer " + i);
      }
    }
  }

  @Test
  void whatIsSentWhileItIsWrittenArrivesWholeOrIsSentAgain() throws IOException {
    List<Fault> faults =
        List.of(
            status("^POST ", 500),
            status("^PATCH ", 405),
            status("^PATCH ", 503),
            new Fault.Drop("^PATCH ", 100_000),
            new Fault.Drop("^PATCH ", 0),
            status("^HEAD .*/blobs/", 502),
            status("^PUT .*/blobs/", 503),
            refusal("^PUT .*/blobs/", 400, "DIGEST_INVALID"),
            new Fault.OtherDigest("^PUT .*/blobs/"),
            new Fault.LostAnswer("^PUT .*/blobs/"),
            new Fault.Drop("^PUT .*/blobs/", 0),
            new Fault.Revoked("^PATCH "),
            new Fault.Revoked("^PUT "),
            status("^DELETE ", 500));
    try (InProcessRegistry registry = InProcessRegistry.start()) {
      registry.requireLogin(new InProcessRegistry.Login("me", "pass", true));
      for (int i = 0; i < faults.size() * 3; i++) {
        byte[] content = new byte[random.nextInt(2_000_000) + 2];
        random.nextBytes(content);
        registry.forgetFaults();
        registry.next(faults.get(i % faults.size()));
        try (RegistryClient client =
                RegistryClient.open(
                    RegistryConfig.DEFAULT, new Hurried(), Duration.ofMillis(15_000));
            InMemoryContentStore here = new InMemoryContentStore()) {
          streamed(client.pusher(), registry.name("a"), content, here);

          assertThat(registry.blob("a", Digest.ofBytes(content)))
              .as("seed %d, %s", SEED, faults.get(i % faults.size()))
              .contains(content);
        }
      }
    }
  }

  private static void streamed(
      Pusher pusher, ImageReference name, byte[] content, InMemoryContentStore here) {
    BlobInfo info;
    try (TaskScope scope = TaskScope.open("head start");
        Ingest ingest = here.ingest("layer")) {
      IngestReader reader = ingest.follow();
      scope.forkAction(
          () -> {
            try (reader) {
              pusher.stream(name, reader, new Me(), _ -> {});
            } catch (BuildFailure dropped) {
              // The push does it again.
            }
          });
      for (int at = 0; at < content.length; at += 300_000) {
        ingest.write(ByteBuffer.wrap(content, at, Math.min(300_000, content.length - at)));
      }
      info = ingest.commit(Optional.empty(), OptionalLong.empty(), Map.of());
      scope.join();
    }
    Descriptor blob = new Descriptor(MediaType.OCI_LAYER, info.digest(), info.bytes());
    pusher.blob(name, blob, Optional.empty(), new Me(), new Pusher.Content(here, _ -> {}));
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
      List<Fault> trouble = trouble(random.nextInt(60) == 0);
      String story = which + ", " + trouble;
      registry.forgetFaults();
      trouble.forEach(registry::next);
      Me me = new Me();
      try {
        client
            .pusher()
            .blob(
                registry.name("a"), blob, Optional.empty(), me, new Pusher.Content(here, _ -> {}));
        client.pusher().manifest(registry.name("a:v1"), root, manifest, me);
        client.fetcher().blob(registry.name("a"), blob, me, there, _ -> {});

        assertThat(registry.blob("a", digest)).as(story).contains(content);
        assertThat(client.resolver().resolve(registry.name("a:v1"), me).digest())
            .as(story)
            .isEqualTo(root.digest());
        assertThat(
                client
                    .resolver()
                    .resolve(registry.name("a").withDigest(root.digest()), me)
                    .digest())
            .as(story)
            .isEqualTo(root.digest());
        assertThat(client.fetcher().document(registry.name("a"), root, me))
            .as(story)
            .isEqualTo(manifest);
        try (var in = Channels.newInputStream(there.open(digest))) {
          assertThat(in.readAllBytes()).as(story).isEqualTo(content);
        }
      } catch (BuildFailure failed) {
        throw new AssertionError(story, failed);
      }
    }
  }

  /// One fault on the way up, one on the way down, and a token that is revoked while the token
  /// server has trouble of its own.
  private List<Fault> trouble(boolean stalls) {
    List<Fault> up =
        List.of(
            status("^POST ", 429),
            status("^POST ", 500),
            status("^PUT .*/blobs/", 503),
            status("^HEAD .*/blobs/", 502),
            status("^PUT .*/manifests/", 500),
            refusal("^PUT .*/blobs/", 404, "BLOB_UPLOAD_UNKNOWN"),
            refusal("^PUT .*/blobs/", 400, "DIGEST_INVALID"),
            new Fault.OtherDigest("^PUT .*/blobs/"),
            new Fault.OtherDigest("^PUT .*/manifests/"),
            new Fault.LostAnswer("^PUT .*/blobs/"),
            new Fault.LostAnswer("^PUT .*/manifests/"),
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
            new Fault.OtherDigest("^HEAD .*/manifests/sha256"));
    List<Fault> all = new ArrayList<>();
    all.add(up.get(random.nextInt(up.size())));
    // A stall takes the client's whole patience: a few will do.
    all.add(
        stalls
            ? new Fault.Stall("^GET .*/blobs/", 1, never)
            : down.get(random.nextInt(down.size())));
    List<String> methods = List.of("^POST ", "^PUT ", "^GET .*/blobs/", "^HEAD ");
    all.add(new Fault.Revoked(methods.get(random.nextInt(methods.size()))));
    List<Fault> tokens =
        List.of(status("/token", 503), status("/token", 429), new Fault.Cut("/token", 10));
    all.add(tokens.get(random.nextInt(tokens.size())));
    return all;
  }

  private static Fault refusal(String pattern, int status, String code) {
    return new Fault.Status(
        pattern, status, Map.of(), "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"x\"}]}");
  }

  private static Fault status(String pattern, int status) {
    return new Fault.Status(pattern, status, Map.of("Retry-After", "1"), "");
  }

  private record Me() implements CredentialSource {
    @Override
    public String identity() {
      return "me";
    }

    @Override
    public Optional<Credential> credential(String host) {
      return Optional.of(new Credential("me", "pass"));
    }

    @Override
    public Optional<Token> fetchToken(TokenRequest request) {
      return Optional.empty();
    }
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
