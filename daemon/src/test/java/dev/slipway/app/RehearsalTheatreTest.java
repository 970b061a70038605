package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.config.ConfigLoader;
import dev.slipway.config.DaemonConfig;
import dev.slipway.failure.CorruptData;
import dev.slipway.rehearsal.RehearsalClient;
import dev.slipway.rpc.EventLoops;
import dev.slipway.rpc.HandlerThreads;
import dev.slipway.task.Clock;
import io.grpc.BindableService;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RehearsalTheatreTest {
  @TempDir Path root;

  private final List<String> events = new ArrayList<>();
  private final EventLoops loops = EventLoops.start(2);
  private final HandlerThreads handlers = new HandlerThreads("request");
  private DaemonConfig config;

  @BeforeEach
  void configure() throws Exception {
    Path file = Files.writeString(root.resolve("config"), "[slipway]\nmetricsAddress = \":9\"\n");
    config =
        ((ConfigLoader.Outcome.Run)
                ConfigLoader.load(
                    "slipwayd",
                    List.of("--config", file.toString(), "--root", root.toString()),
                    Map.of()))
            .config();
  }

  @AfterEach
  void end() {
    loops.close();
    handlers.close();
  }

  @Test
  void aStageIsServedOnASocketThatOnlyRootReachesAndLeavesNothing() {
    RehearsalClient client =
        (socket, build) -> {
          events.add(build.manner() + " " + Files.exists(build.context().resolve("Dockerfile")));
          assertThat(connects(socket)).isTrue();
          assertThat(permissions(root.resolve("rehearsal"))).isEqualTo("rwx------");
        };

    try (Rehearsal.Stage stage = theatre(client).open()) {
      for (int number = 0; number < 4; number++) {
        stage.build(number);
      }
    }

    assertThat(events)
        .containsExactly("opened", "TOLD true", "TOLD true", "DRIVEN true", "TOLD true", "closed");
    assertThat(root.resolve("rehearsal")).doesNotExist();
  }

  @Test
  void nothingIsReachedBeyondTheFolder() {
    List<DaemonConfig> configs = new ArrayList<>();
    DaemonServices.Opener opener =
        foundation -> {
          configs.add(foundation.config());
          return new Services();
        };

    theatre(opener, (_, _) -> {}).open().close();

    DaemonConfig used = configs.getFirst();
    assertThat(used.root()).isEqualTo(root.resolve("rehearsal"));
    assertThat(used.slipway().metricsAddress()).isEmpty();
    assertThat(used.slipway().registerBinfmt()).isFalse();
    assertThat(used.ociWorker().network().mode()).isEqualTo("host");
    assertThat(used.ociWorker().gc().enabled()).isFalse();
    assertThat(used.registries()).hasSize(1);
  }

  @Test
  void whatAKilledDaemonLeftIsRemovedAndLinksAreNotFollowed(@TempDir Path elsewhere)
      throws Exception {
    Files.writeString(elsewhere.resolve("file"), "kept");
    Path left = Files.createDirectories(root.resolve("rehearsal/snapshots/1/fs"));
    Files.createSymbolicLink(left.resolve("link"), elsewhere);

    theatre((_, _) -> {}).clear();

    assertThat(events).containsExactly("opened", "closed");
    assertThat(root.resolve("rehearsal")).doesNotExist();
    assertThat(elsewhere.resolve("file")).hasContent("kept");
  }

  @Test
  void aFolderThatIsALinkIsRemovedItself(@TempDir Path elsewhere) throws Exception {
    Files.writeString(elsewhere.resolve("file"), "kept");
    Files.createSymbolicLink(root.resolve("rehearsal"), elsewhere);

    theatre((_, _) -> {}).clear();

    assertThat(events).isEmpty();
    assertThat(root.resolve("rehearsal")).doesNotExist();
    assertThat(elsewhere.resolve("file")).hasContent("kept");
  }

  @Test
  void whatIsLeftIsRemovedEvenIfItCannotBeOpened() throws Exception {
    Files.createDirectories(root.resolve("rehearsal/content"));

    theatre(
            _ -> {
              throw new CorruptData("torn");
            },
            (_, _) -> {})
        .clear();

    assertThat(root.resolve("rehearsal")).doesNotExist();
  }

  @Test
  void aSocketsPathMustNotBeTooLong() {
    assertThat(RehearsalTheatre.hasRoom(Path.of("/var/lib/buildkit"))).isTrue();
    assertThat(RehearsalTheatre.hasRoom(Path.of("/" + "x".repeat(71)))).isFalse();
  }

  @Test
  void theRegistryAnswersOnlyToWhoKnowsItsPrefix() throws Exception {
    try (RehearsalRegistry registry = RehearsalRegistry.start(handlers);
        HttpClient http = HttpClient.newHttpClient()) {
      String inside = "http://" + registry.reference("a").replaceFirst("/", "/v2/");
      String outside = "http://" + registry.host() + "/v2/other/a";

      assertThat(put(http, inside + "/manifests/latest", new byte[9])).isEqualTo(201);
      assertThat(get(http, inside + "/manifests/latest")).isEqualTo(200);
      assertThat(put(http, outside + "/manifests/latest", new byte[9])).isEqualTo(404);
      assertThat(get(http, outside + "/manifests/latest")).isEqualTo(404);
      assertThat(get(http, "http://" + registry.host() + "/")).isEqualTo(404);
    }
  }

  @Test
  void theRegistryTakesNoMoreThanItHolds() throws Exception {
    try (RehearsalRegistry registry = RehearsalRegistry.start(handlers);
        HttpClient http = HttpClient.newHttpClient()) {
      String inside = "http://" + registry.reference("a").replaceFirst("/", "/v2/");

      assertThat(put(http, inside + "/blobs/1", new byte[9 << 20])).isEqualTo(201);
      assertThat(put(http, inside + "/blobs/2", new byte[9 << 20])).isEqualTo(413);
    }
  }

  private static int put(HttpClient http, String uri, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(uri))
            .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return http.send(request, BodyHandlers.discarding()).statusCode();
  }

  private static int get(HttpClient http, String uri) throws Exception {
    return http.send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.discarding())
        .statusCode();
  }

  private static boolean connects(Path socket) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (java.io.IOException nobody) {
      return false;
    }
  }

  private static String permissions(Path path) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    } catch (java.io.IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  private RehearsalTheatre theatre(RehearsalClient client) {
    return theatre(
        _ -> {
          events.add("opened");
          return new Services();
        },
        client);
  }

  private RehearsalTheatre theatre(DaemonServices.Opener opener, RehearsalClient client) {
    return new RehearsalTheatre(
        new DaemonServices.Foundation(
            config, () -> loops, handlers, Clock.system(), new CompositeMeterRegistry()),
        opener,
        client);
  }

  private final class Services implements DaemonServices {
    @Override
    public List<BindableService> services() {
      return List.of();
    }

    @Override
    public void drain(Duration atMost) {}

    @Override
    public void close() {
      events.add("closed");
    }
  }
}
