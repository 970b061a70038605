package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import jnr.unixsocket.UnixDatagramChannel;
import jnr.unixsocket.UnixSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// What a service manager asks of the daemon: readiness, sockets handed over, a clean stop.
@Isolated
final class ServiceIT {
  /// Against hanging only: a loaded machine starts a daemon in many seconds.
  private static final Duration WITHIN = Duration.ofMinutes(3);

  private final Distribution distribution = Distribution.underTest();

  @Test
  void tellsWhenItIsReadyAndWhenItStops(@TempDir Path folder) throws Exception {
    Path notify = folder.resolve("notify");
    try (NotifySocket socket = NotifySocket.bind(notify)) {
      Process daemon =
          start(
              folder,
              List.of(
                  distribution.daemon().toString(), "--addr", "unix://" + folder.resolve("socket")),
              "NOTIFY_SOCKET",
              notify.toString());
      try {
        Await.until("READY=1", WITHIN, () -> socket.told("READY=1"));
        assertThat(folder.resolve("socket")).exists();

        daemon.destroy();

        Await.until("STOPPING=1", WITHIN, () -> socket.told("STOPPING=1"));
        assertThat(daemon.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).isZero();
      } finally {
        daemon.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void servesASocketThatWasHandedOver(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("handed-over");
    Process activator =
        start(
            folder,
            List.of(
                distribution.program("systemd-socket-activate").toString(),
                "--listen=" + socket,
                distribution.daemon().toString(),
                "--addr",
                "fd://"));
    try {
      Await.until("the activator listens", WITHIN, () -> Files.exists(socket));

      Tool.Outcome workers =
          Tool.of(distribution, "slipway", folder)
              .with("--addr", "unix://" + socket)
              .succeed("workers");

      assertThat(workers.out()).contains("linux/amd64");
      // The activator has become the daemon.
      activator.destroy();
      assertThat(activator.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(activator.exitValue()).isZero();
      assertThat(socket).as("a socket that is not ours stays").exists();
    } finally {
      activator.destroyForcibly().waitFor();
    }
  }

  /// Without it all that is hashed or ciphered takes ten times as long: the distribution compiles
  /// quickly rather than well.
  @Test
  void hasDigestsDoneByALibrary(@TempDir Path folder) throws Exception {
    Path config = Files.writeString(folder.resolve("slipwayd.toml"), "debug = true\n");
    try (DaemonProcess daemon = DaemonProcess.start(distribution, folder, config)) {
      Await.until(
          "the library serves", WITHIN, () -> logOf(daemon).contains("digests and ciphers by"));
    }
  }

  private static String logOf(DaemonProcess daemon) {
    try {
      return Files.readString(daemon.log());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void asBuildkitdItTakesTheFlagsOfExistingTooling(@TempDir Path folder) throws Exception {
    Path config = Files.writeString(folder.resolve("buildkitd.toml"), "debug = true\n");
    Process daemon =
        start(
            folder,
            List.of(
                distribution.program("buildkitd").toString(),
                "--oci-worker=true",
                "--containerd-worker=false",
                "--oci-worker-gc=false",
                "--oci-worker-labels=org.mobyproject.buildkit.worker.sandbox=true",
                "--config=" + config,
                "--addr",
                "unix://" + folder.resolve("socket"),
                "--debug"));
    try {
      Await.until("the socket is there", WITHIN, () -> Files.exists(folder.resolve("socket")));

      Tool.Outcome workers =
          Tool.of(distribution, "buildctl", folder)
              .with("--addr", "unix://" + folder.resolve("socket"))
              .succeed("debug", "workers", "-v");

      assertThat(workers.out()).containsPattern("org.mobyproject.buildkit.worker.sandbox:\\s+true");
    } finally {
      daemon.destroy();
      assertThat(daemon.waitFor(120, TimeUnit.SECONDS)).isTrue();
    }
  }

  private Process start(Path folder, List<String> command, String... environment)
      throws IOException {
    List<String> whole = new java.util.ArrayList<>(command);
    whole.addAll(List.of("--root", folder.resolve("root").toString()));
    ProcessBuilder builder =
        new ProcessBuilder(whole)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().put("PATH", distribution.searchPath());
    for (int i = 0; i < environment.length; i += 2) {
      builder.environment().put(environment[i], environment[i + 1]);
    }
    return builder.start();
  }

  /// The service manager's end of the notification protocol, sd_notify(3).
  private record NotifySocket(UnixDatagramChannel channel, ConcurrentLinkedQueue<String> lines)
      implements AutoCloseable {
    static NotifySocket bind(Path path) throws IOException {
      UnixDatagramChannel channel = UnixDatagramChannel.open();
      channel.bind(new UnixSocketAddress(path.toFile()));
      NotifySocket socket = new NotifySocket(channel, new ConcurrentLinkedQueue<>());
      Thread.ofPlatform().daemon().start(socket::read);
      return socket;
    }

    private void read() {
      ByteBuffer buffer = ByteBuffer.allocate(4096);
      try {
        while (channel.isOpen()) {
          buffer.clear();
          channel.receive(buffer);
          buffer.flip();
          StandardCharsets.UTF_8.decode(buffer).toString().lines().forEach(lines::add);
        }
      } catch (IOException closed) {
        // The test is over.
      }
    }

    boolean told(String line) {
      return lines.contains(line);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
