package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.api.auth.AuthGrpc;
import dev.slipway.api.auth.CredentialsRequest;
import dev.slipway.api.auth.CredentialsResponse;
import dev.slipway.api.control.CacheOptions;
import dev.slipway.api.control.CacheOptionsEntry;
import dev.slipway.api.control.Exporter;
import dev.slipway.api.control.PruneRequest;
import dev.slipway.api.control.SolveRequest;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.registry.testing.InProcessRegistry.Fault;
import dev.slipway.session.testing.LoopbackSession;
import dev.slipway.task.TaskScope;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Two hundred builds at registries at which everything goes wrong now and then: each pulls its
/// base, runs steps, pushes its image, and imports and exports a cache. No build fails that could
/// succeed, and no blob is stored or served that is not what its digest says.
///
/// `-Dslipway.seed=N` shows a failure again.
@Isolated
final class FaultyRegistryIT {
  private static final int BUILDS = 200;
  private static final int LANES = 8;
  private static final long SEED = Long.getLong("slipway.seed", 20_261_128);
  private static final JsonMapper JSON = new JsonMapper();

  /// How long a registry is silent that stalls.
  private static final long SILENCE_MILLIS = 2000;

  @Test
  void twoHundredBuildsSucceedAndNothingIsDamaged(@TempDir Path folder)
      throws IOException, InterruptedException {
    Distribution distribution = Distribution.underTest();
    Busybox busybox = Busybox.of(BaseImages.make(distribution));
    Path config = Files.writeString(folder.resolve("daemon.toml"), "");
    try (DaemonProcess daemon =
            DaemonProcess.start(
                distribution, Files.createDirectories(folder.resolve("daemon")), config);
        DaemonChannel channel = DaemonChannel.to(daemon);
        LoopbackSession session = LoopbackSession.open(channel.raw(), new Me())) {
      List<Lane> lanes = new ArrayList<>();
      try {
        for (int lane = 0; lane < LANES; lane++) {
          lanes.add(new Lane(lane, InProcessRegistry.start(), channel, session.id(), busybox));
        }
        try (TaskScope scope = TaskScope.open("lanes")) {
          lanes.forEach(lane -> scope.forkAction(() -> lane.build(BUILDS / LANES)));
          scope.join();
        }
        assertStoredIsWhole(daemon.root().resolve("content/blobs/sha256"));
        channel
            .control()
            .prune(PruneRequest.newBuilder().setAll(true).build())
            .forEachRemaining(_ -> {});
        lanes.forEach(Lane::assertCompleteAndWhole);
      } finally {
        lanes.forEach(lane -> lane.registry.close());
      }
      session.hangUp();
    }
  }

  private static void assertStoredIsWhole(Path blobs) throws IOException {
    try (var all = Files.list(blobs)) {
      List<Path> files = all.toList();
      int whole = 0;
      for (Path file : files) {
        try {
          assertThat(Digest.ofBytes(Files.readAllBytes(file)).hex())
              .isEqualTo(file.getFileName().toString());
          whole++;
        } catch (NoSuchFileException collected) {
          // No build needs it any more.
        }
      }
      assertThat(whole).isGreaterThan(BUILDS);
    }
  }

  /// The base image's only layer and its content's digest.
  private record Busybox(byte[] layer, String diffId) {
    static Busybox of(BaseImages images) {
      JsonNode index = document(images, images.index());
      for (JsonNode manifest : index.path("manifests")) {
        if (manifest.path("platform").path("architecture").asString("").equals("amd64")) {
          JsonNode image = document(images, manifest.path("digest").asString());
          JsonNode config = document(images, image.path("config").path("digest").asString());
          return new Busybox(
              blob(images, image.path("layers").path(0).path("digest").asString()),
              config.path("rootfs").path("diff_ids").path(0).asString());
        }
      }
      throw new AssertionError("no amd64 in " + images);
    }

    private static JsonNode document(BaseImages images, String digest) {
      return JSON.readTree(blob(images, digest));
    }

    private static byte[] blob(BaseImages images, String digest) {
      try {
        return Files.readAllBytes(
            images.layout().resolve("blobs").resolve(digest.replace(':', '/')));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// Builds one after the other, at a registry of their own. Confined to one thread.
  private static final class Lane {
    private final InProcessRegistry registry;
    private final DaemonChannel channel;
    private final String session;
    private final Busybox busybox;
    private final int number;
    private final Random random;
    private final List<String> digests = new ArrayList<>();

    Lane(
        int number,
        InProcessRegistry registry,
        DaemonChannel channel,
        String session,
        Busybox busybox) {
      this.number = number;
      this.registry = registry;
      this.channel = channel;
      this.session = session;
      this.busybox = busybox;
      this.random = new Random(SEED + number);
      registry.requireLogin(new InProcessRegistry.Login("me", "pass", true));
    }

    void build(int builds) {
      for (int build = 0; build < builds; build++) {
        addBase(build);
        List<Fault> trouble = trouble();
        registry.forgetFaults();
        trouble.forEach(registry::next);
        try {
          digests.add(solve(build, "out"));
        } catch (StatusRuntimeException failed) {
          throw new AssertionError(
              "seed " + SEED + ", lane " + number + ", build " + build + ", " + trouble, failed);
        }
      }
      registry.forgetFaults();
    }

    /// What was pushed is there, whole, and the last build is made again of its cache alone, to the
    /// digit.
    void assertCompleteAndWhole() {
      for (int build = 0; build < digests.size(); build++) {
        String name = "lane " + number + ", build " + build;
        byte[] image = registry.manifest("out", "v" + build).orElseThrow();
        assertThat(Digest.ofBytes(image).toString()).as(name).isEqualTo(digests.get(build));
        assertWhole(name, "out", image);
        assertWhole(name, "cache", registry.manifest("cache", "v" + build).orElseThrow());
      }
      int last = digests.size() - 1;
      assertThat(solve(last, "again")).isEqualTo(digests.get(last));
    }

    private void assertWhole(String name, String repository, byte[] manifest) {
      JsonNode document = JSON.readTree(manifest);
      List<JsonNode> parts = new ArrayList<>(List.of(document.path("config")));
      document.path("layers").forEach(parts::add);
      for (JsonNode part : parts) {
        Digest digest = Digest.parse(part.path("digest").asString());
        assertThat(registry.blob(repository, digest).map(Digest::ofBytes))
            .as("%s, %s", name, part)
            .contains(digest);
      }
    }

    /// @return the image's digest
    private String solve(int build, String repository) {
      SolveRequest request =
          DaemonChannel.request()
              .setSession(session)
              .setDefinition(
                  Llb.run(
                      registry.host() + "/base:v" + build,
                      "cat /own | md5sum > /sum; head -c 3000 /dev/urandom > /made"))
              .addExporters(
                  Exporter.newBuilder()
                      .setType("image")
                      .putAttrs("name", registry.host() + "/" + repository + ":v" + build)
                      .putAttrs("push", "true")
                      .putAttrs("oci-mediatypes", "true"))
              .setCache(
                  CacheOptions.newBuilder()
                      .addExports(
                          cache(build).putAttrs("mode", "max").putAttrs("ignore-error", "false"))
                      .addImports(
                          cache(repository.equals("again") ? build : Math.max(0, build - 1))))
              .build();
      return Optional.ofNullable(
              channel
                  .control()
                  .solve(request)
                  .getExporterResponseMap()
                  .get("containerimage.digest"))
          .orElseThrow();
    }

    private CacheOptionsEntry.Builder cache(int build) {
      return CacheOptionsEntry.newBuilder()
          .setType("registry")
          .putAttrs("ref", registry.host() + "/cache:v" + build);
    }

    /// A base image with a layer of its own, so that it must be pulled.
    private void addBase(int build) {
      byte[] own = new byte[1000 + random.nextInt(100_000)];
      random.nextBytes(own);
      byte[] tar = tarOf("own", own);
      byte[] config =
          """
          {"architecture":"amd64","os":"linux","config":{},
           "rootfs":{"type":"layers","diff_ids":["%s","%s"]}}
          """
              .formatted(busybox.diffId(), Digest.ofBytes(tar))
              .getBytes(StandardCharsets.UTF_8);
      byte[] manifest =
          """
          {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
           "config":%s,"layers":[%s,%s]}
          """
              .formatted(
                  added("application/vnd.oci.image.config.v1+json", config),
                  added("application/vnd.oci.image.layer.v1.tar+gzip", busybox.layer()),
                  added("application/vnd.oci.image.layer.v1.tar", tar))
              .getBytes(StandardCharsets.UTF_8);
      registry.addManifest("base", Optional.of("v" + build), MediaType.OCI_MANIFEST, manifest);
    }

    private String added(String type, byte[] bytes) {
      Descriptor blob = registry.addBlob("base", new MediaType(type), bytes);
      return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
          .formatted(type, blob.digest(), bytes.length);
    }

    /// Some on the way down, some on the way up, and a token that is revoked while the token server
    /// has trouble of its own. Never so much that trying again would not do.
    private List<Fault> trouble() {
      List<Fault> down =
          List.of(
              status("^GET .*/blobs/", 503),
              status("^GET .*/blobs/", 429),
              status("^HEAD .*/manifests/", 500),
              new Fault.Cut("^GET .*/blobs/", random.nextInt(2000)),
              new Fault.OtherBytes("^GET .*/blobs/"),
              new Fault.OtherBytes("^GET .*/manifests/sha256"),
              stall());
      List<Fault> up =
          List.of(
              status("^POST ", 429),
              status("^POST ", 500),
              status("^PUT .*/blobs/", 503),
              status("^HEAD .*/blobs/", 502),
              status("^PUT .*/manifests/", 500),
              new Fault.OtherDigest("^PUT .*/blobs/"),
              new Fault.OtherDigest("^PUT .*/manifests/"),
              new Fault.LostAnswer("^PUT .*/blobs/"),
              new Fault.LostAnswer("^PUT .*/manifests/"),
              new Fault.Drop("^PUT .*/blobs/", random.nextInt(2000)),
              new Fault.Drop("^PUT .*/blobs/", 0));
      List<Fault> tokens =
          List.of(status("/token", 503), status("/token", 429), new Fault.Cut("/token", 10));
      List<String> methods = List.of("^POST ", "^PUT ", "^GET .*/blobs/", "^HEAD ");
      return List.of(any(down), any(up), new Fault.Revoked(any(methods)), any(tokens));
    }

    private <T> T any(List<T> of) {
      return of.get(random.nextInt(of.size()));
    }

    private static Fault stall() {
      CountDownLatch spoken = new CountDownLatch(1);
      Thread.startVirtualThread(
          () -> {
            try {
              TimeUnit.MILLISECONDS.sleep(SILENCE_MILLIS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            spoken.countDown();
          });
      return new Fault.Stall("^GET .*/blobs/", 1, spoken);
    }

    private static Fault status(String pattern, int status) {
      return new Fault.Status(pattern, status, Map.of("Retry-After", "0"), "");
    }
  }

  /// An archive of one small file.
  private static byte[] tarOf(String name, byte[] content) {
    byte[] tar = new byte[512 + (content.length + 511) / 512 * 512 + 1024];
    put(tar, 0, name);
    put(tar, 100, "0000644\0");
    put(tar, 108, "0000000\0");
    put(tar, 116, "0000000\0");
    put(tar, 124, "%011o\0".formatted(content.length));
    put(tar, 136, "%011o\0".formatted(1_700_000_000));
    put(tar, 148, "        0");
    put(tar, 257, "ustar\00000");
    int sum = 0;
    for (byte octet : Arrays.copyOf(tar, 512)) {
      sum += Byte.toUnsignedInt(octet);
    }
    put(tar, 148, "%06o\0 ".formatted(sum));
    System.arraycopy(content, 0, tar, 512, content.length);
    return tar;
  }

  private static void put(byte[] tar, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, tar, at, bytes.length);
  }

  private static final class Me extends AuthGrpc.AuthImplBase {
    @Override
    public void credentials(
        CredentialsRequest request, StreamObserver<CredentialsResponse> answers) {
      answers.onNext(CredentialsResponse.newBuilder().setUsername("me").setSecret("pass").build());
      answers.onCompleted();
    }
  }
}
