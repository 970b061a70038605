package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.config.ConfigLoader;
import dev.slipway.config.ConfigMistakes;
import dev.slipway.config.DaemonConfig;
import dev.slipway.failure.Conflict;
import dev.slipway.failure.Unsupported;
import io.grpc.BindableService;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jnr.unixsocket.UnixDatagramChannel;
import jnr.unixsocket.UnixSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DaemonTest {
  @TempDir Path folder;
  private final List<String> events = new ArrayList<>();

  @Test
  void aStartedDaemonListensAndAStoppedOneLeavesNothing() throws Exception {
    Path socket = folder.resolve("d.sock");
    try (Daemon daemon = Daemon.start(config("--addr", "unix://" + socket), Map.of(), this::open)) {
      assertThat(daemon.addresses()).hasToString("[unix://" + socket + "]");
      connect(socket).close();
    }

    assertThat(socket).doesNotExist();
    assertThat(events).containsExactly("opened", "closed");
  }

  @Test
  void twoDaemonsDoNotShareARoot() throws Exception {
    try (Daemon first =
        Daemon.start(
            config("--addr", "unix://" + folder.resolve("a.sock")), Map.of(), this::open)) {
      assertThatThrownBy(
              () ->
                  Daemon.start(
                      config("--addr", "unix://" + folder.resolve("b.sock")), Map.of(), this::open))
          .isInstanceOf(Conflict.class)
          .hasMessageContaining("buildkitd.lock");
      assertThat(first.addresses()).hasSize(1);
    }

    try (Daemon second =
        Daemon.start(
            config("--addr", "unix://" + folder.resolve("b.sock")), Map.of(), this::open)) {
      assertThat(second.addresses()).hasSize(1);
    }
  }

  @Test
  void aDaemonThatCannotListenClosesWhatItOpened() throws Exception {
    DaemonConfig config = config("--addr", "unix://" + folder.resolve("a.sock"), "--addr", "fd://");

    assertThatThrownBy(() -> Daemon.start(config, Map.of(), this::open))
        .hasMessageContaining("LISTEN_FDS");

    assertThat(events).containsExactly("opened", "closed");
    assertThat(folder.resolve("a.sock")).doesNotExist();
  }

  @Test
  void metricsAreServedOnAPortOfTheirOwn() throws Exception {
    try (MetricsEndpoint endpoint =
            MetricsEndpoint.start("127.0.0.1:0", MetricsEndpoint.newRegistry());
        HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + endpoint.address().getPort() + "/metrics");

      String body =
          client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();

      assertThat(body).contains("jvm_memory_used_bytes");
    }
  }

  @Test
  void theServiceManagerIsTold() throws Exception {
    Path socket = folder.resolve("notify");
    try (UnixDatagramChannel manager = UnixDatagramChannel.open()) {
      manager.bind(new UnixSocketAddress(socket.toString()));
      ServiceNotifier notifier = new ServiceNotifier(socket.toString());

      notifier.ready();
      notifier.stopping();

      assertThat(receive(manager)).isEqualTo("READY=1");
      assertThat(receive(manager)).isEqualTo("STOPPING=1");
    }
  }

  @Test
  void groupsAreFoundByNameAndNumber() {
    assertThat(SystemGroups.id("root")).isZero();
    assertThat(SystemGroups.id("4711")).isEqualTo(4711);
    assertThatThrownBy(() -> SystemGroups.id("no-such-group"))
        .hasMessageContaining("no-such-group");
  }

  @Test
  void theConfigurationInForceIsPrintedKeyByKey() throws Exception {
    String text =
        ConfigPrinter.print(config("--addr", "unix:///x.sock", "--oci-worker-labels=a=b"));

    assertThat(text)
        .contains(
            "grpc.addresses = [unix:///x.sock]",
            "ociWorker.labels.\"a\" = b",
            "history.maxEntries = 50");
  }

  private static String receive(UnixDatagramChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    channel.receive(buffer);
    return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
  }

  private static SocketChannel connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    return channel;
  }

  private DaemonConfig config(String... arguments) throws ConfigMistakes, IOException {
    Path file = folder.resolve("empty.toml");
    Files.writeString(file, "");
    List<String> all =
        new ArrayList<>(
            List.of("--config", file.toString(), "--root", folder.resolve("root").toString()));
    all.addAll(List.of(arguments));
    return ((ConfigLoader.Outcome.Run) ConfigLoader.load("slipwayd", all, Map.of())).config();
  }

  private DaemonServices open(DaemonServices.Foundation foundation) {
    if (foundation.config().proxyNetwork()) {
      throw new Unsupported("not in this test");
    }
    events.add("opened");
    return new DaemonServices() {
      @Override
      public List<BindableService> services() {
        return List.of();
      }

      @Override
      public void drain(Duration atMost) {
        events.add("drained");
      }

      @Override
      public void close() {
        events.add("closed");
      }
    };
  }
}
